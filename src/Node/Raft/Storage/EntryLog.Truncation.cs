// How the log is truncated and compacted: a tail that another leader's entries replace, all that a leader's snapshot
// replaces, and what a snapshot of this node covers. Files go only when what stands for them is on disk, and the marker
// of the log's end is set back, durably, before anything in it is dropped.
namespace RaftLocks.Node.Raft.Storage;

/// <content>Cutting.</content>
internal sealed partial class EntryLog
{
    // Entries up to here are committed.
    private long protectedIndex;

    /// <summary>Protects the committed entries up to an index: nothing may truncate them from now on.</summary>
    public void Protect(long index)
    {
        long before;
        do
        {
            before = Volatile.Read(ref protectedIndex);
        } while (before < index && Interlocked.CompareExchange(ref protectedIndex, index, before) != before);
    }

    /// <summary>
    /// Drops the entries from an index on. On disk they disappear when the next entries are written: until then a crash
    /// may bring them back.
    /// </summary>
    /// <exception cref="ContradictionException">One of them is committed.</exception>
    public void TruncateSuffix(long fromIndex)
    {
        ThrowIfProtected(fromIndex);
        lock (writing)
        {
            Flush();
            endMarker.Set(fromIndex - 1);
            lock (gate)
            {
                var at = IndexOfSegment(fromIndex - 1);
                var (term, hash) =
                    at < 0
                        ? (segments[0].Header.PreviousTerm, segments[0].HashAt(0))
                        : (segments[at][fromIndex - 1].Term, segments[at].HashAt(fromIndex - 1));
                Retire(at + 1);
                BeginSegment(fromIndex - 1, term, hash, beginsAnew: at < 0, atLeast: 0);
                Volatile.Write(ref lastIndex, fromIndex - 1);
                Volatile.Write(ref flushedIndex, fromIndex - 1);
            }
        }
    }

    /// <summary>Prepares for a snapshot of the leader: entries behind it may be dropped then.</summary>
    public void ExpectSnapshot(long index)
    {
        lock (writing)
        {
            Flush();
            if (endMarker.Index > index)
            {
                endMarker.Set(index);
            }
        }
    }

    /// <summary>Resets the log to begin behind a snapshot.</summary>
    /// <exception cref="ContradictionException">An entry behind it is committed.</exception>
    public void Restart(long snapshotIndex, long snapshotTerm)
    {
        ThrowIfProtected(snapshotIndex + 1);
        lock (writing)
        {
            lock (gate)
            {
                Retire(0);
                BeginSegment(snapshotIndex, snapshotTerm, previousHash: 0, beginsAnew: true, atLeast: 0);
                Volatile.Write(ref lastIndex, snapshotIndex);
                Volatile.Write(ref flushedIndex, snapshotIndex);
            }

            Flush();
            endMarker.Set(snapshotIndex);
        }
    }

    /// <summary>Deletes what a snapshot covers, in whole segments.</summary>
    /// <param name="snapshotIndex">The last entry that it covers.</param>
    /// <param name="keptBytes">Of the newest entries at least so many bytes stay, covered or not.</param>
    public void CompactPrefix(long snapshotIndex, long keptBytes = 0)
    {
        lock (writing)
        {
            List<LogSegment> dropped = [];
            lock (gate)
            {
                var bytes = segments.Sum(segment => (long)segment.End);
                while (
                    segments.Count > 1
                    && segments[0] != unwritten
                    && segments[1].Header.FirstIndex <= snapshotIndex + 1
                    && bytes - segments[0].End >= keptBytes
                )
                {
                    bytes -= segments[0].End;
                    dropped.Add(segments[0]);
                    segments.RemoveAt(0);
                }
            }

            dropped.ForEach(files.Delete);
        }
    }

    private void ThrowIfProtected(long fromIndex)
    {
        if (fromIndex <= Volatile.Read(ref protectedIndex))
        {
            throw new ContradictionException(
                $"The log was to be cut from entry {fromIndex} on, but this node knows its entries up to "
                    + $"{protectedIndex} as committed."
            );
        }
    }

    /// <summary>
    /// Takes segments out of the log, from one on. Their files stay until <see cref="DeleteRetired"/>.
    /// </summary>
    private void Retire(int from)
    {
        retired.AddRange(segments[from..]);
        segments.RemoveRange(from, segments.Count - from);
    }

    private void DeleteRetired()
    {
        retired.ForEach(files.Delete);
        retired.Clear();
    }
}
