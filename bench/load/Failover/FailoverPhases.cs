using System.Globalization;
using RaftLocks.Cluster;

namespace RaftLocks.Load.Failover;

// Where the time of a fail-over went, read from the survivors' logs: the library's events of an election, at level
// Information, and the node's own of its leadership. All clocks are this machine's.

/// <summary>The phases between the death of a leader and the first grant by the next, each in ms from the death
/// on.</summary>
internal sealed record FailoverPhases(
    string Leader,
    int FailedPreVotes,
    int FailedBallots,
    double PreVoteMs,
    double TermMs,
    double ElectedMs,
    double LeadsMs
)
{
    /// <summary>What the nodes must be told to log for this.</summary>
    public const string Settings =
        """{ "Logging": { "LogLevel": { "DotNext.Net.Cluster.Consensus.Raft": "Information" } } }""";

    private const string TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff'Z'";
    private const string PreVoteEnded = "Transition to Candidate state has started";
    private const string TermWritten = "Transition to Candidate state has completed";
    private const string Elected = "Transition to Leader state has started";
    private const string Leads = " leads in term ";

    /// <summary>What the survivors logged since the death, and what else is known, in the order of time.</summary>
    public static List<(string Node, double Ms, string Line)> Events(
        IEnumerable<NodeProcess> survivors,
        DateTime diedAt,
        IEnumerable<(string Node, DateTime At, string Line)> others
    ) =>
        [
            .. survivors
                .SelectMany(node =>
                    node.Log.Split('\n').Select(line => (Node: node.Name, Line: line, At: TimeOf(line)))
                )
                .Where(logged => logged.At >= diedAt)
                .Select(logged =>
                    (
                        logged.Node,
                        Ms: (logged.At!.Value - diedAt).TotalMilliseconds,
                        Line: logged.Line[(TimestampFormat.Length - 1)..]
                    )
                )
                .Concat(others.Select(known => (known.Node, Ms: (known.At - diedAt).TotalMilliseconds, known.Line)))
                .OrderBy(happened => happened.Ms),
        ];

    /// <summary>Reads them; null if the logs do not tell.</summary>
    public static FailoverPhases? Read(List<(string Node, double Ms, string Line)> events)
    {
        if (
            events.FirstOrDefault(logged => logged.Line.Contains(Leads, StringComparison.Ordinal))
            is not { Node: { } leader } leads
        )
        {
            return null;
        }

        double LastOfLeader(string words) =>
            events
                .LastOrDefault(logged =>
                    logged.Node == leader
                    && logged.Ms <= leads.Ms
                    && logged.Line.Contains(words, StringComparison.Ordinal)
                )
                .Ms;
        int Count(string words) =>
            events.Count(logged => logged.Ms <= leads.Ms && logged.Line.Contains(words, StringComparison.Ordinal));
        return new FailoverPhases(
            leader,
            Count(PreVoteEnded) - Count(TermWritten),
            Count(TermWritten) - Count(Elected),
            LastOfLeader(PreVoteEnded),
            LastOfLeader(TermWritten),
            LastOfLeader(Elected),
            leads.Ms
        );
    }

    /// <summary>Describes the phases for people.</summary>
    public string Describe(double grantedMs) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"pre-vote won after {PreVoteMs:F0}, +{TermMs - PreVoteMs:F0} term written, +{ElectedMs - TermMs:F0} "
                + $"elected, +{LeadsMs - ElectedMs:F0} first entry and barrier, "
                + $"+{grantedMs - LeadsMs:F0} granted; {Leader} leads, {FailedPreVotes} pre-votes and "
                + $"{FailedBallots} ballots failed before"
        );

    private static DateTime? TimeOf(string line) =>
        line.Length > TimestampFormat.Length
        && DateTime.TryParseExact(
            line.AsSpan(0, TimestampFormat.Length - 2), // two of its characters are quotes
            TimestampFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var at
        )
            ? at
            : null;
}
