// What the log gives up: a tail that another leader's entries replace, all that a leader's snapshot replaces, and what a snapshot of this node covers.
// Files go only when what stands for them is on disk, and the mark of the log's end is set back, durably, before anything in it is dropped.
namespace RaftLocks.Node.Raft;

/// <content>Cutting.</content>
internal sealed partial class EntryLog
{
    /// <summary>Drops the entries from an index on. On disk they go when the next entries come: until then a crash may bring them back.</summary>
    public void Cut(long fromIndex)
    {
        lock (writing)
        {
            Flush();
            endMark.Set(fromIndex - 1);
            lock (gate)
            {
                var at = IndexOfSegment(fromIndex - 1);
                var (term, hash) = at < 0
                    ? (segments[0].Header.PreviousTerm, segments[0].HashAt(0))
                    : (segments[at][fromIndex - 1].Term, segments[at].HashAt(fromIndex - 1));
                Bury(at + 1);
                BeginSegment(fromIndex - 1, term, hash, beginsAnew: at < 0, atLeast: 0);
                Volatile.Write(ref lastIndex, fromIndex - 1);
                Volatile.Write(ref flushedIndex, fromIndex - 1);
            }
        }
    }

    /// <summary>To be called before a snapshot becomes this node's: entries behind it may be dropped then.</summary>
    public void ExpectSnapshot(long index)
    {
        lock (writing)
        {
            Flush();
            if (endMark.Index > index)
            {
                endMark.Set(index);
            }
        }
    }

    /// <summary>Begins anew behind a snapshot.</summary>
    public void Restart(long snapshotIndex, long snapshotTerm)
    {
        lock (writing)
        {
            lock (gate)
            {
                Bury(0);
                BeginSegment(snapshotIndex, snapshotTerm, previousHash: 0, beginsAnew: true, atLeast: 0);
                Volatile.Write(ref lastIndex, snapshotIndex);
                Volatile.Write(ref flushedIndex, snapshotIndex);
            }

            Flush();
            endMark.Set(snapshotIndex);
        }
    }

    /// <summary>Deletes what a snapshot covers, in whole segments.</summary>
    public void DropThrough(long snapshotIndex)
    {
        lock (writing)
        {
            List<LogSegment> dropped = [];
            lock (gate)
            {
                while (segments.Count > 1 && segments[0] != unwritten && segments[1].Header.FirstIndex <= snapshotIndex + 1)
                {
                    dropped.Add(segments[0]);
                    segments.RemoveAt(0);
                }
            }

            dropped.ForEach(files.Delete);
        }
    }

    /// <summary>Takes segments out of the log, from one on. Their files stay until <see cref="DeleteBuried"/>.</summary>
    private void Bury(int from)
    {
        dead.AddRange(segments[from..]);
        segments.RemoveRange(from, segments.Count - from);
    }

    private void DeleteBuried()
    {
        dead.ForEach(files.Delete);
        dead.Clear();
    }
}
