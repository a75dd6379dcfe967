// What came of a run.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos;

/// <summary>A run, lived through and judged.</summary>
internal sealed record Verdict(
    Options Options,
    double Ms,
    IReadOnlyList<Request> History,
    IReadOnlyList<Blow> Blows,
    IReadOnlyList<FaultKind> LeftOut,
    IReadOnlyList<Sample> Samples,
    int ComparedIndexes,
    int ToldEvents,
    IReadOnlyList<string> Journals,
    IReadOnlyList<Violation> Violations,
    IReadOnlyDictionary<string, string> Logs);
