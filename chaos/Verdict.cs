// What came of a run.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos;

/// <summary>A run, recorded and checked.</summary>
internal sealed record Verdict(
    Options Options,
    double Ms,
    IReadOnlyList<Request> History,
    IReadOnlyList<InjectedFault> InjectedFaults,
    IReadOnlyList<FaultKind> LeftOut,
    IReadOnlyList<Sample> Samples,
    int ComparedIndexes,
    int ToldEvents,
    IReadOnlyList<string> Journals,
    IReadOnlyList<Violation> Violations,
    IReadOnlyDictionary<string, string> Logs
)
{
    /// <summary>What was locked, read and revoked where all answers are checked as a whole.</summary>
    public required QueueHistory Queues { get; init; }

    /// <summary>What came of that, for each namespace.</summary>
    public required IReadOnlyList<CheckedHistory> Checked { get; init; }

    /// <summary>The longest times without a grant while a majority was healthy, longest first.</summary>
    public required IReadOnlyList<AvailabilityCheck.Silence> Silences { get; init; }

    /// <summary>When this machine did not run.</summary>
    public required IReadOnlyList<Stall> Stalls { get; init; }

    /// <summary>Histories about which nobody knows: no violation, and no proof.</summary>
    public IReadOnlyList<CheckedHistory> NotChecked =>
        [.. Checked.Where(history => history.Outcome == Outcome.Unknown)];
}

/// <summary>All that happened in the namespaces that are searched for an order.</summary>
internal sealed record QueueHistory(
    IReadOnlyList<Attempt> Attempts,
    IReadOnlyList<Reading> Readings,
    IReadOnlyList<Revocation> Revocations
);
