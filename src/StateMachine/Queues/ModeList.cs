// One request at one node of the tree, and the FIFO list of all requests that took the same mode there.
namespace RaftLocks.StateMachine;

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

/// <summary>
/// Requests in id order. Those that are blocked at this node are always a suffix: what blocks one blocks every younger one
/// of the same mode. So the list needs its oldest entry and its first blocked one, nothing else.
/// </summary>
internal struct ModeList
{
    public QueueEntry? Oldest;
    public QueueEntry? Youngest;
    public QueueEntry? FirstBlocked;

    public void Append(QueueEntry entry, bool blocked)
    {
        entry.Previous = Youngest;
        entry.Next = null;
        if (Youngest is null)
        {
            Oldest = entry;
        }
        else
        {
            Youngest.Next = entry;
        }

        Youngest = entry;
        if (blocked)
        {
            FirstBlocked ??= entry;
        }
    }

    /// <summary>Takes an entry out; true if it was the oldest.</summary>
    public bool Remove(QueueEntry entry)
    {
        var wasOldest = Oldest == entry;
        if (FirstBlocked == entry)
        {
            FirstBlocked = entry.Next;
        }

        if (entry.Previous is null)
        {
            Oldest = entry.Next;
        }
        else
        {
            entry.Previous.Next = entry.Next;
        }

        if (entry.Next is null)
        {
            Youngest = entry.Previous;
        }
        else
        {
            entry.Next.Previous = entry.Previous;
        }

        return wasOldest;
    }
}
