// A node of the tree of paths, which exists only while some request has an entry here, and its lists: for each mode a
// FIFO list of the requests that took it.
using System.Runtime.CompilerServices;

namespace RaftLocks.StateMachine.Queues;

internal sealed class PathNode : IKeyed<PathNode>
{
    private Lists lists;
    private int used;

    public object Parent { get; set; } = null!;

    public byte[] Key { get; set; } = [];

    public uint Hash { get; set; }

    public PathNode? NextInBucket { get; set; }

    /// <summary>
    /// The entry that the request being enqueued has here already, else an entry of an older request or null.
    /// </summary>
    public QueueEntry? LastVisit { get; set; }

    public bool IsEmpty => used == 0;

    public ref ModeList List(LockMode mode) => ref lists[(int)mode];

    public void MarkUsed(LockMode mode) => used |= 1 << (int)mode;

    public void MarkIfUnused(LockMode mode)
    {
        if (lists[(int)mode].First is null)
        {
            used &= ~(1 << (int)mode);
        }
    }

    /// <summary>
    /// Whether an older request excludes this mode. Asked before the entry itself is appended, everything here is
    /// older.
    /// </summary>
    public bool IsExcluded(LockMode mode) => (used & LockModes.ExcludedBy(mode)) != 0;

    /// <summary>Whether some request with a smaller id than the entry's excludes it.</summary>
    public bool IsBlocked(QueueEntry entry)
    {
        for (var excluding = used & LockModes.ExcludedBy(entry.Mode); excluding != 0; excluding &= excluding - 1)
        {
            if (lists[System.Numerics.BitOperations.TrailingZeroCount(excluding)].First!.Request.Id < entry.Request.Id)
            {
                return true;
            }
        }

        return false;
    }

    [InlineArray(LockModes.Count)]
    private struct Lists
    {
        private ModeList first;
    }
}

internal sealed class QueueEntry
{
    public LockRequest Request = null!;
    public PathNode Node = null!;
    public LockMode Mode;
    public QueueEntry? Previous;
    public QueueEntry? Next;

    /// <summary>The request's entry at its next node; the free list's link while unused.</summary>
    public QueueEntry? NextOfRequest;
}

/// <summary>Requests in id order. Those that are blocked at this node are always a suffix: what blocks one blocks
/// every younger one of the same mode. So the list needs its first entry and its first blocked one, nothing else. A
/// downgrade puts an unblocked entry in front, so the unblocked ones may be in any order. Still the first entry speaks
/// for all: an entry of an incompatible mode that were older than it would block it, and it is not blocked.
/// </summary>
internal struct ModeList
{
    public QueueEntry? First;
    public QueueEntry? Last;
    public QueueEntry? FirstBlocked;

    public void Append(QueueEntry entry, bool blocked)
    {
        entry.Previous = Last;
        entry.Next = null;
        if (Last is null)
        {
            First = entry;
        }
        else
        {
            Last.Next = entry;
        }

        Last = entry;
        if (blocked)
        {
            FirstBlocked ??= entry;
        }
    }

    /// <summary>Puts an entry of a holder in front: nothing blocks it.</summary>
    public void Prepend(QueueEntry entry)
    {
        entry.Previous = null;
        entry.Next = First;
        if (First is null)
        {
            Last = entry;
        }
        else
        {
            First.Previous = entry;
        }

        First = entry;
    }

    /// <summary>Removes an entry; true if it was the first.</summary>
    public bool Remove(QueueEntry entry)
    {
        var wasFirst = First == entry;
        if (FirstBlocked == entry)
        {
            FirstBlocked = entry.Next;
        }

        if (entry.Previous is null)
        {
            First = entry.Next;
        }
        else
        {
            entry.Previous.Next = entry.Next;
        }

        if (entry.Next is null)
        {
            Last = entry.Previous;
        }
        else
        {
            entry.Next.Previous = entry.Previous;
        }

        return wasFirst;
    }
}
