// A start reads the log from its files: what is whole, in which order, and what may not be missing. What a crash may
// leave behind is dropped without a word of alarm: a torn write that was never acknowledged, a tail that was replaced,
// entries that a snapshot stands for. Anything else that is missing or wrong is damage, and the node must not trust
// what is left.
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Storage;

/// <content>Opening.</content>
internal sealed partial class EntryLog
{
    /// <summary>The last index that is known to have been on disk, before anything was read.</summary>
    public long MarkedIndex { get; private set; }

    /// <summary>Opens the log in a folder, or makes it.</summary>
    /// <param name="disk">The folder's disk.</param>
    /// <param name="directory">The folder.</param>
    /// <param name="segmentBytes">The size of a file.</param>
    /// <param name="snapshot">The newest whole snapshot's index and term; zeros if there is none.</param>
    /// <param name="expected">Whether a node has run here before, so that the log must be there.</param>
    /// <exception cref="DamagedDataException">Entries are missing.</exception>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public static EntryLog Open(
        IFileSystem disk,
        string directory,
        int segmentBytes,
        (long Index, long Term) snapshot,
        bool expected
    )
    {
        disk.CreateDirectory(directory);
        var mark = LogEndMarker.Open(disk, Path.Combine(directory, LogEndMarker.FileName), expected);
        var log = new EntryLog(disk, directory, segmentBytes, new SegmentFiles(disk, directory, segmentBytes), mark)
        {
            MarkedIndex = mark.Index,
        };
        try
        {
            foreach (var segment in log.files.ReadAll())
            {
                log.Take(segment, snapshot.Index);
            }

            log.Join(snapshot);
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Puts a segment behind those that were made before it, and ends them where it begins.</summary>
    private void Take(LogSegment segment, long snapshotIndex)
    {
        var (first, known) = (segment.Header.FirstIndex, segments.Count == 0 ? -1 : segments[^1].LastIndex);
        sequence = Math.Max(sequence, segment.Header.Sequence);
        if (segment.Header.BeginsAnew || (first > known + 1 && first <= snapshotIndex + 1))
        {
            Retire(0);
        }
        else if (segments.Count > 0)
        {
            if (first > known + 1)
            {
                throw new DamagedDataException(
                    $"The log's entries from {known + 1} to {first - 1} are missing or damaged, in {segments[^1].Path}."
                );
            }

            Retire(IndexOfSegment(first - 1) + 1);
            if (
                segments.Count > 0
                && (
                    segments[^1].HashAt(first - 1) != segment.Header.PreviousHash
                    || segments[^1][first - 1].Term != segment.Header.PreviousTerm
                )
            )
            {
                throw new DamagedDataException(
                    $"The log's file {segment.Path} does not continue the one before it, {segments[^1].Path}."
                );
            }
        }

        segments.Add(segment);
    }

    /// <summary>Brings the log and the snapshot together.</summary>
    private void Join((long Index, long Term) snapshot)
    {
        if (segments.Count > 0 && segments[0].Header.FirstIndex > snapshot.Index + 1)
        {
            throw new DamagedDataException(
                $"The log begins with entry {segments[0].Header.FirstIndex}, and the newest whole snapshot ends "
                    + $"with entry {snapshot.Index}: what lies between is missing."
            );
        }

        lastIndex = segments.Count == 0 ? 0 : segments[^1].LastIndex;
        var continues = segments.Count > 0 && TermAt(snapshot.Index) == snapshot.Term;
        var last = continues ? lastIndex : snapshot.Index;
        if (MarkedIndex > last || (continues && segments[^1].MissesFlushedEntries()))
        {
            throw new DamagedDataException($"The log ends with entry {last}, but more had been written.");
        }

        if (!continues)
        {
            // A leader has sent the snapshot, and what was here is not what it stands for.
            Restart(snapshot.Index, snapshot.Term);
            return;
        }

        WriteBack(MarkedIndex + 1);
        (unwritten, writtenBytes) = (segments[^1], segments[^1].End);
        flushedIndex = last;
        endMarker.Set(last);
        if (!segments[^1].EndsClean || !segments[^1].IsTagged)
        {
            // Behind a torn write, or where an older build has written, a new segment begins. On disk before what it
            // stands for goes.
            Continue(segments[^1], 0);
            Flush();
        }

        DeleteRetired();
    }

    /// <summary>
    /// Entries that nobody confirms may be in the page cache only: a process that was killed did not wait for its
    /// write.
    /// </summary>
    private void WriteBack(long fromIndex)
    {
        foreach (var segment in segments.Where(segment => segment.LastIndex >= fromIndex))
        {
            var from = segment.StartOf(fromIndex);
            disk.WriteBack(segment.Path, from, segment.End - from);
        }
    }
}
