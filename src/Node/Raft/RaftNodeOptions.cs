// What a Raft node must be told, and every limit of replication, in one place.
using System.Net;

namespace RaftLocks.Node.Raft;

/// <summary>Settings of a Raft node.</summary>
public sealed record RaftNodeOptions
{
    /// <summary>Members of a cluster at most.</summary>
    public const int MaxMembers = 5;

    /// <summary>This node's name; one of <see cref="Members"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Log, snapshots, vote and identity.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The members that the cluster is founded with, this node included. From then on the members are replicated.</summary>
    public required IReadOnlyList<Member> Members { get; init; }

    /// <summary>Where Raft is listened to; null for the member's own Raft address.</summary>
    public IPEndPoint? RaftListen { get; init; }

    /// <summary>Shortest election timeout, ms; never below <see cref="LeaseMs"/>.</summary>
    public int ElectionTimeoutLowMs { get; init; } = 520;

    /// <summary>No election timeout is as long as this, ms. Each member has its own part of what lies between (RaftNode.Elections.cs says why so).</summary>
    public int ElectionTimeoutHighMs { get; init; } = 910;

    /// <summary>How long one exchange between members may take, ms.</summary>
    public int RequestTimeoutMs { get; init; } = 5000;

    /// <summary>How long connecting to a member may take, ms.</summary>
    public int ConnectTimeoutMs { get; init; } = 500;

    /// <summary>Commands in one log entry.</summary>
    public int MaxBatchCommands { get; init; } = 4096;

    /// <summary>Bytes in one log entry, about: the last command may exceed it.</summary>
    public int MaxBatchBytes { get; init; } = 1 << 20;

    /// <summary>How long an entry waits for as many commands as the last one had, µs; also never longer than an eighth of the last round.</summary>
    public int MaxGatherMicroseconds { get; init; } = 200;

    /// <summary>Commands that wait for the next entry; whoever has more, waits.</summary>
    public int ProposalQueueLength { get; init; } = 16_384;

    /// <summary>Bytes of one file of the log.</summary>
    public int LogSegmentBytes { get; init; } = 8 << 20;

    /// <summary>Bytes of entries between two snapshots.</summary>
    public long SnapshotEveryBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of entries applied while a snapshot is being written; then what follows waits for the disk.</summary>
    public long MaxBytesAheadOfSnapshot { get; init; } = 128L << 20;

    /// <summary>Bytes of entries that a lagging member is sent in one exchange, about.</summary>
    public int CatchUpBytes { get; init; } = 4 << 20;

    /// <summary>How long a leader believes in itself after a majority last confirmed it, ms.</summary>
    public int LeaseMs { get; init; } = 500;

    /// <summary>A leader that no majority confirmed for so long gives up its sessions, ms.</summary>
    public int LeaderSilenceMs { get; init; } = 2000;

    /// <summary>Who hears of each change of the state, if anybody.</summary>
    internal IStateFollower? Follower { get; init; }

    /// <summary>What is counted and measured, if somebody wants to know.</summary>
    internal RaftMetrics? Metrics { get; init; }

    /// <summary>The member that this node is.</summary>
    public Member Self => Members.First(member => member.Name == Name);
}
