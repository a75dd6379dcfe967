// When a snapshot is due, and when applying must wait for one. What counts is what no snapshot on disk covers: one
// that could not be written covers nothing, so failures neither let the log grow beyond its bound nor are they
// repeated without a pause.
namespace RaftLocks.Node.Raft;

/// <summary>Counts the log's bytes. Not thread-safe.</summary>
internal sealed class SnapshotSchedule
{
    // After a failure the next attempt comes when the log has grown by this part of the distance.
    private const int SharesToRetry = 8;

    private readonly long everyBytes;
    private readonly long aheadBytes;
    private long uncovered;
    private long frozen;
    private long dueAt;

    /// <summary>Begins with nothing applied.</summary>
    /// <param name="everyBytes">Bytes of entries between two snapshots.</param>
    /// <param name="aheadBytes">Bytes of entries that may be applied beyond those.</param>
    public SnapshotSchedule(long everyBytes, long aheadBytes) =>
        (this.everyBytes, this.aheadBytes, dueAt) = (everyBytes, aheadBytes, everyBytes);

    /// <summary>Failures since a snapshot was last written.</summary>
    public int Failures { get; private set; }

    /// <summary>Whether it is time for a snapshot, if none is being written.</summary>
    public bool IsDue => uncovered >= dueAt;

    /// <summary>Whether entries may be applied; else what follows waits.</summary>
    public bool MayGoOn => uncovered < everyBytes + aheadBytes;

    /// <summary>Counts an entry that was applied.</summary>
    public void Applied(long bytes) => uncovered += bytes;

    /// <summary>Notes that the state was frozen: what was applied up to now will be covered.</summary>
    public void Begin() => frozen = uncovered;

    /// <summary>Notes that the snapshot is on disk.</summary>
    public void Succeeded()
    {
        uncovered -= frozen;
        (frozen, dueAt, Failures) = (0, everyBytes, 0);
    }

    /// <summary>Notes that the snapshot could not be written and covers nothing.</summary>
    public void Failed()
    {
        (frozen, dueAt) = (0, uncovered + (everyBytes / SharesToRetry));
        Failures++;
    }

    /// <summary>The leader's snapshot has taken the place of everything; one that is being written covers nothing
    /// that counts.</summary>
    public void Installed() => (uncovered, frozen, dueAt, Failures) = (0, 0, everyBytes, 0);
}
