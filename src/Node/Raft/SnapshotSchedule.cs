// When a snapshot is due, and when applying must wait for one. What counts is what no snapshot on disk covers: one
// that could not be written covers nothing, so failures neither let the log grow beyond its bound nor are they
// repeated without a pause.
// What no snapshot covers is applied again at the next start, before a first lock can be granted. So a small state is
// written often. A large one is written less often, so that snapshots cost the disk no more than the log does.
namespace RaftLocks.Node.Raft;

/// <summary>Counts the log's bytes. Not thread-safe.</summary>
internal sealed class SnapshotSchedule
{
    // After a failure the next attempt comes when the log has grown by this part of the distance.
    private const int SharesToRetry = 8;

    // Between two snapshots of a large state there is at most this many times the distance.
    private const int MaxStretch = 4;

    private readonly long everyBytes;
    private readonly long aheadBytes;
    private long distance;
    private long uncovered;
    private long frozen;
    private long dueAt;

    /// <summary>Begins with nothing applied.</summary>
    /// <param name="everyBytes">Bytes of entries between two snapshots of a small state.</param>
    /// <param name="aheadBytes">Bytes of entries that may be applied beyond those.</param>
    /// <param name="snapshotBytes">Bytes of the newest snapshot; 0 if there is none.</param>
    public SnapshotSchedule(long everyBytes, long aheadBytes, long snapshotBytes)
    {
        (this.everyBytes, this.aheadBytes) = (everyBytes, aheadBytes);
        dueAt = distance = DistanceFor(snapshotBytes);
    }

    /// <summary>Failures since a snapshot was last written.</summary>
    public int Failures { get; private set; }

    /// <summary>Whether it is time for a snapshot, if none is being written.</summary>
    public bool IsDue => uncovered >= dueAt;

    /// <summary>Whether entries may be applied; else what follows waits.</summary>
    public bool MayGoOn => uncovered < distance + aheadBytes;

    /// <summary>Counts an entry that was applied.</summary>
    public void Applied(long bytes) => uncovered += bytes;

    /// <summary>Notes that the state was frozen: what was applied up to now will be covered.</summary>
    public void Begin() => frozen = uncovered;

    /// <summary>Notes that the snapshot is on disk.</summary>
    /// <param name="bytes">Its length.</param>
    public void Succeeded(long bytes)
    {
        uncovered -= frozen;
        dueAt = distance = DistanceFor(bytes);
        (frozen, Failures) = (0, 0);
    }

    /// <summary>Notes that the snapshot could not be written and covers nothing.</summary>
    public void Failed()
    {
        (frozen, dueAt) = (0, uncovered + (distance / SharesToRetry));
        Failures++;
    }

    /// <summary>
    /// The leader's snapshot has taken the place of everything; one that is being written covers nothing that counts.
    /// </summary>
    /// <param name="bytes">Its length.</param>
    public void Installed(long bytes)
    {
        dueAt = distance = DistanceFor(bytes);
        (uncovered, frozen, Failures) = (0, 0, 0);
    }

    private long DistanceFor(long snapshotBytes) => Math.Clamp(snapshotBytes, everyBytes, everyBytes * MaxStretch);
}
