// The events of an entry, command by command. Vocabulary/Events.cs describes the kinds of events and their order.
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

/// <summary>One event of an applied entry.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Ordinal">The number of the command in the entry, from 0.</param>
/// <param name="IsReply">Whether it answers that command; else it reports that another request became acquired.</param>
/// <param name="Reason">Why, if rejected.</param>
/// <param name="Request">The request; null where none is concerned. A rejection that was due to a live request's state
/// names it too.</param>
public readonly record struct LockEvent(
    EventKind Kind,
    int Ordinal,
    bool IsReply,
    RejectReason Reason,
    LockRequest? Request
)
{
    /// <summary>The request's id; 0 where none is concerned.</summary>
    public ulong Id => Request?.Id ?? 0;
}

/// <summary>The events of one entry, in order; reused from entry to entry.</summary>
public sealed class EventList
{
    private LockEvent[] events = new LockEvent[16];

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>The event at a position.</summary>
    public ref readonly LockEvent this[int index] => ref events[index];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(events, 0, Count);
        Count = 0;
    }

    internal void Add(in LockEvent happened)
    {
        if (Count == events.Length)
        {
            Array.Resize(ref events, Count * 2);
        }

        events[Count++] = happened;
    }
}
