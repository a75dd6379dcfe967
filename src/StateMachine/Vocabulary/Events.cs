// What came of a command. A lock granted at once yields one event, Acquired. A lock that waits yields Enqueued, and
// Acquired later. Whatever ends a request, and a downgrade, yields its own event first, then the grants it caused in id order.
namespace RaftLocks.StateMachine;

/// <summary>What happened.</summary>
public enum EventKind : byte
{
    /// <summary>A request waits for older ones.</summary>
    Enqueued = 1,

    /// <summary>A request is granted.</summary>
    Acquired = 2,

    /// <summary>A session gave up its lock or its place in the queue.</summary>
    Released = 3,

    /// <summary>The leader ended a request whose session is gone.</summary>
    Abandoned = 4,

    /// <summary>Commands of a higher feature level are allowed from now on.</summary>
    FeatureLevelRaised = 5,

    /// <summary>The leader ended a request that had waited as long as it might.</summary>
    TimedOut = 6,

    /// <summary>An operator ended a request.</summary>
    Revoked = 7,

    /// <summary>A holder's writes became reads; it holds on.</summary>
    Downgraded = 8,

    /// <summary>The command did not fit the state and changed nothing. Not part of the ledger.</summary>
    Rejected = 255,
}

/// <summary>Why a command was rejected.</summary>
public enum RejectReason : byte
{
    /// <summary>It was not.</summary>
    None = 0,

    /// <summary>The session has a live request on this channel already.</summary>
    AlreadyLive = 1,

    /// <summary>The session has no live request on this channel.</summary>
    NothingLive = 2,

    /// <summary>No live request has this id.</summary>
    NoSuchRequest = 3,

    /// <summary>A lock that was not to wait would have had to.</summary>
    Busy = 4,

    /// <summary>The feature level is at least that already.</summary>
    LevelNotHigher = 5,

    /// <summary>The command needs a higher feature level than the state has. The leader proposes none such.</summary>
    AboveFeatureLevel = 6,

    /// <summary>A timeout met a request that is granted already.</summary>
    NotWaiting = 7,

    /// <summary>A timeout met a request that may wait for ever.</summary>
    NoWaitLimit = 8,

    /// <summary>A downgrade met a request that still waits.</summary>
    NotAcquired = 9,

    /// <summary>A downgrade met a holder that only reads: it has what it asks for already.</summary>
    OnlyReads = 10,
}

/// <summary>One event of an applied entry.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Ordinal">Which command of the entry caused it, from 0.</param>
/// <param name="IsReply">Whether it answers that command, rather than telling somebody else of a grant.</param>
/// <param name="Reason">Why, if rejected.</param>
/// <param name="Request">The request; null where none is concerned. A rejection that was due to a live request's state names it too.</param>
public readonly record struct LockEvent(EventKind Kind, int Ordinal, bool IsReply, RejectReason Reason, LockRequest? Request)
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

    /// <summary>Forgets all.</summary>
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
