// How fast the clusters here live: a bit more than three times as fast as a node does with its usual settings, in the
// same proportions.
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;

namespace RaftLocks.ManyClusters.World;

/// <summary>All times and sizes of the harness.</summary>
internal static class Pace
{
    public const int ElectionTimeoutLowMs = 160;
    public const int ElectionTimeoutHighMs = 280;

    /// <summary>
    /// With a healthy majority something is committed at least so often, stalls of the machine not counted.
    /// </summary>
    public const int CommitBoundMs = 3_000;

    /// <summary>
    /// When everything is healed, everything is as it should be after so long, stalls of the machine not counted.
    /// </summary>
    public const int HealBoundMs = 20_000;

    /// <summary>A node that is without a leader for so long asks the others who the members are.</summary>
    public const int LeaderMissedMs = 1_200;

    /// <summary>How often nodes look whether they should ask.</summary>
    public const int AskEveryMs = 200;

    /// <summary>How long one change of the members is waited for.</summary>
    public const int ChangeBoundMs = 1_500;

    /// <summary>How long a node may take to stop.</summary>
    public const int StopBoundMs = 20_000;

    /// <summary>Machines that a cluster may ever have: five members, and two for those that replace others.</summary>
    public const int Machines = 7;

    /// <summary>A node's settings.</summary>
    public static RaftNodeOptions Options(string name, string directory, IReadOnlyList<Member> members) =>
        new()
        {
            Name = name,
            DataDirectory = directory,
            Members = members,
            ElectionTimeoutLowMs = ElectionTimeoutLowMs,
            ElectionTimeoutHighMs = ElectionTimeoutHighMs,
            LeaseMs = 154,
            LeaderSilenceMs = 600,
            RequestTimeoutMs = 1_500,
            ConnectTimeoutMs = 150,
            ElectionAnswerMs = 138,
            ElectionGraceMs = 46,
            DiskStallMs = 300,
            DiskHangMs = 2_100,
            LogSegmentBytes = 16 << 10,
            SnapshotEveryBytes = 24 << 10,
            KeptLogBytes = 16 << 10,
            MaxBytesAheadOfSnapshot = 96 << 10,
            CatchUpBytes = 8 << 10,
        };
}
