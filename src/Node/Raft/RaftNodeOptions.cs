// The settings of a Raft node, and every limit of replication, in one place.
using System.Net;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.Node.Raft;

/// <summary>Settings of a Raft node.</summary>
public sealed record RaftNodeOptions
{
    /// <summary>This node's name; one of <see cref="Members"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Log, snapshots, vote and identity.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>
    /// The members that the cluster is bootstrapped with, this node included. From then on the members are replicated.
    /// </summary>
    public required IReadOnlyList<Member> Members { get; init; }

    /// <summary>The address of the Raft listener; null for the member's own Raft address.</summary>
    public IPEndPoint? RaftListen { get; init; }

    /// <summary>Shortest election timeout, ms; never below <see cref="LeaseMs"/>.</summary>
    public int ElectionTimeoutLowMs { get; init; } = 520;

    /// <summary>
    /// No election timeout is as long as this, ms. Each member has its own part of what lies between
    /// (RaftNode.Elections.cs says why so).
    /// </summary>
    public int ElectionTimeoutHighMs { get; init; } = 910;

    /// <summary>How long one exchange between members may take, ms.</summary>
    public int RequestTimeoutMs { get; init; } = 5000;

    /// <summary>How long connecting to a member may take, ms.</summary>
    public int ConnectTimeoutMs { get; init; } = 500;

    /// <summary>
    /// How long a member may take to answer a pre-vote, connecting included, ms. A vote, which is written to disk, may
    /// take as long as the candidate waits.
    /// </summary>
    public int ElectionAnswerMs { get; init; } = 450;

    /// <summary>How long an election waits for the others when a majority has answered, ms.</summary>
    public int ElectionGraceMs { get; init; } = 150;

    /// <summary>
    /// How long a round of replication may wait for a member when the others have answered, ms; longer than from one
    /// heartbeat to the next, and shorter than any election timeout.
    /// </summary>
    public int ReplicationGraceMs { get; init; } = 300;

    /// <summary>Commands in one log entry.</summary>
    public int MaxBatchCommands { get; init; } = 4096;

    /// <summary>Bytes in one log entry, about: the last command may exceed it.</summary>
    public int MaxBatchBytes { get; init; } = 1 << 20;

    /// <summary>
    /// How long an entry waits for as many commands as the last one had, µs; also never longer than an eighth of the
    /// last round.
    /// </summary>
    public int MaxLingerMicroseconds { get; init; } = 200;

    /// <summary>
    /// Commands that wait for the next entry; beyond it whoever has one waiting waits before adding another.
    /// </summary>
    public int ProposalQueueLength { get; init; } = 16_384;

    /// <summary>How much of each entry everybody may have.</summary>
    internal FairShares Shares { get; init; } = new();

    /// <summary>Bytes of one file of the log.</summary>
    public int LogSegmentBytes { get; init; } = 8 << 20;

    /// <summary>
    /// Bytes of entries between two snapshots of a small state: as much is applied again at the next start. Between
    /// those of a large one there are as many bytes as it has, and at most four times these.
    /// </summary>
    public long SnapshotEveryBytes { get; init; } = 16L << 20;

    /// <summary>
    /// Bytes of entries that stay in the log though a snapshot covers them, about: a member that was away for a moment
    /// is sent those, and its journal has no gap.
    /// </summary>
    public long KeptLogBytes { get; init; } = 48L << 20;

    /// <summary>
    /// Bytes of entries that may be applied beyond those while a snapshot is being written or can't be; then applying
    /// waits for the disk.
    /// </summary>
    public long MaxBytesAheadOfSnapshot { get; init; } = 128L << 20;

    /// <summary>How often a snapshot that can't be written is tried again while everything waits for it, ms.</summary>
    public int SnapshotRetryMs { get; init; } = 1000;

    /// <summary>
    /// How long everything waits for it, ms; then the node ends, so that another goes on in its place.
    /// </summary>
    public int SnapshotTimeoutMs { get; init; } = 10_000;

    /// <summary>Bytes of entries that a lagging member is sent in one exchange, about.</summary>
    public int CatchUpBytes { get; init; } = 4 << 20;

    /// <summary>How long the lease of a leader lasts after a majority last confirmed it, ms.</summary>
    public int LeaseMs { get; init; } = 500;

    /// <summary>How long a write that the cluster waits for may take before a leader gives up leadership, ms.</summary>
    public int DiskStallMs { get; init; } = 1000;

    /// <summary>
    /// How long any write may take before the node ends, ms. Real disks stall for a second or two, and come back.
    /// </summary>
    public int DiskHangMs { get; init; } = 7000;

    /// <summary>A leader that no majority has confirmed for this time closes its sessions, ms.</summary>
    public int LeaderSilenceMs { get; init; } = 2000;

    /// <summary>The disk of the data folder; null for the real one.</summary>
    internal IFileSystem? FileSystem { get; init; }

    /// <summary>The network between members: sockets, unless a test brings a network of its own.</summary>
    internal IRaftNetwork Network { get; init; } = new SocketNetwork();

    /// <summary>Why this node may not belong to a cluster with others; null if it may.</summary>
    public string? OnlyAlone { get; init; }

    /// <summary>The certificates that members show each other, as they are now; null for plain TCP.</summary>
    internal Func<RaftCertificates>? Certificates { get; init; }

    /// <summary>
    /// Called, on a thread that waits for no disk, when a write has not come back for <see cref="DiskHangMs"/>.
    /// </summary>
    internal Action? DiskHung { get; init; }

    /// <summary>Receives each change of the state; null for none.</summary>
    internal IApplyObserver? ApplyObserver { get; init; }

    /// <summary>The counters and histograms; null for none.</summary>
    internal RaftMetrics? Metrics { get; init; }

    /// <summary>
    /// The settings of the connections between members. For a vote a member has as long as the candidate waits, which
    /// is never longer than the longest election timeout.
    /// </summary>
    internal TransportOptions Transport =>
        new(Network)
        {
            Certificates = Certificates,
            ConnectTimeoutMs = ConnectTimeoutMs,
            PreVoteMs = ElectionAnswerMs,
            VoteMs = ElectionTimeoutHighMs,
            ElectionGraceMs = ElectionGraceMs,
            ReplicationGraceMs = ReplicationGraceMs,
        };

    /// <summary>The member that this node is.</summary>
    public Member Self => Members.First(member => member.Name == Name);
}
