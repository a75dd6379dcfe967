// What a node's journal must be told, and every limit of it.
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Foundation;

/// <summary>Settings of a journal.</summary>
internal sealed record JournalOptions
{
    private const long MiB = 1 << 20;

    /// <summary>The folder.</summary>
    public required string Directory { get; init; }

    /// <summary>The node that writes it.</summary>
    public required string Node { get; init; }

    /// <summary>Bytes on disk; beyond it the oldest segments are deleted.</summary>
    public long MaxBytes { get; init; } = Limits.DefaultJournalMaxMb * MiB;

    /// <summary>Age of the oldest records.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(Limits.DefaultJournalMaxDays);

    /// <summary>Bytes of the disk that are left to the Raft log: the journal stops before it takes them.</summary>
    public long KeepFreeBytes { get; init; } = Limits.DefaultJournalKeepFreeMb * MiB;

    /// <summary>
    /// Bytes that wait to be written. Beyond it, records are left out: the locks never wait for the journal.
    /// </summary>
    public long QueueBytes { get; init; } = 64 * MiB;

    /// <summary>Bytes of a segment, about; more where its checkpoint is large.</summary>
    public long SegmentBytes => Math.Clamp(MaxBytes / 16, 1 * MiB, 64 * MiB);

    /// <summary>A segment is not written to for longer than this, so that age is kept to within it.</summary>
    public TimeSpan RollAfter => MaxAge / 16;

    /// <summary>A segment is at least so many times as large as its checkpoint.</summary>
    public int SegmentToCheckpoint { get; init; } = 4;

    /// <summary>How long records gather before they are written.</summary>
    public TimeSpan LingerFor { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>How often what was written is committed, at most. What a crash takes, the Raft log still has.</summary>
    public TimeSpan CommitEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes after which it is committed sooner.</summary>
    public long CommitBytes { get; init; } = 1 * MiB;

    /// <summary>How often age, size and free space are looked at.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after a failure the journal tries again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a snapshot waits for the journal.</summary>
    public TimeSpan CompactionTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
