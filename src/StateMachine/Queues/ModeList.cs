// One request at one node of the tree, and the FIFO list of all requests that took the same mode there.
namespace RaftLocks.StateMachine.Queues;

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
