// The events of a command. A lock that is acquired at once yields one event, Acquired. A lock that waits yields
// Enqueued, and Acquired later. A command that ends a request, and a downgrade, yields its own event first, then the
// Acquired events that it caused, in id order.
namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>The kind of the event.</summary>
public enum EventKind : byte
{
    /// <summary>A request waits for older ones.</summary>
    Enqueued = 1,

    /// <summary>A request is acquired.</summary>
    Acquired = 2,

    /// <summary>A session released its lock or left the queue.</summary>
    Released = 3,

    /// <summary>The leader ended a request whose session is gone.</summary>
    Abandoned = 4,

    /// <summary>Commands of a higher feature level are allowed from now on.</summary>
    FeatureLevelRaised = 5,

    /// <summary>The leader ended a request that had waited as long as it might.</summary>
    TimedOut = 6,

    /// <summary>An operator ended a request.</summary>
    Revoked = 7,

    /// <summary>A holder's writes became reads; the lock is still held.</summary>
    Downgraded = 8,

    /// <summary>
    /// From now on rights are asked for. The events of the first policies and of the first token follow.
    /// </summary>
    AuthInitialised = 9,

    /// <summary>A token was created.</summary>
    TokenCreated = 10,

    /// <summary>A token has a new secret.</summary>
    TokenRotated = 11,

    /// <summary>A token was deleted.</summary>
    TokenDeleted = 12,

    /// <summary>A policy was created or replaced.</summary>
    PolicySet = 13,

    /// <summary>A policy was deleted.</summary>
    PolicyDeleted = 14,

    /// <summary>The command did not fit the state and changed nothing. Not part of the ledger.</summary>
    Rejected = 255,
}

/// <summary>Says what follows from the kind of an event alone.</summary>
public static class EventKinds
{
    /// <summary>Whether tokens, policies or authentication itself changed. Feature level 3.</summary>
    public static bool IsAuth(this EventKind kind) =>
        kind is >= EventKind.AuthInitialised and <= EventKind.PolicyDeleted;

    /// <summary>Whether a lock request is concerned.</summary>
    public static bool HasRequest(this EventKind kind) => kind != EventKind.FeatureLevelRaised && !kind.IsAuth();

    /// <summary>Whether the event's request is live no more.</summary>
    public static bool EndsRequest(this EventKind kind) =>
        kind switch
        {
            EventKind.Released or EventKind.Abandoned or EventKind.TimedOut or EventKind.Revoked => true,
            EventKind.Enqueued or EventKind.Acquired or EventKind.Downgraded => false,
            EventKind.FeatureLevelRaised or EventKind.Rejected => false,
            EventKind.AuthInitialised or EventKind.PolicySet or EventKind.PolicyDeleted => false,
            EventKind.TokenCreated or EventKind.TokenRotated or EventKind.TokenDeleted => false,
        };
}

/// <summary>Why a command was rejected.</summary>
public enum RejectReason : byte
{
    /// <summary>The command was not rejected.</summary>
    None = 0,

    /// <summary>The session has a live request on this channel already.</summary>
    AlreadyLive = 1,

    /// <summary>The session has no live request on this channel.</summary>
    NothingLive = 2,

    /// <summary>No live request has this id.</summary>
    NoSuchRequest = 3,

    /// <summary>A lock that must not wait would have to wait.</summary>
    Busy = 4,

    /// <summary>The feature level is at least that already.</summary>
    LevelNotHigher = 5,

    /// <summary>The command needs a higher feature level than the state has. The leader proposes none such.</summary>
    AboveFeatureLevel = 6,

    /// <summary>A timeout met a request that is acquired already.</summary>
    NotWaiting = 7,

    /// <summary>A timeout met a request that may wait for ever.</summary>
    NoWaitLimit = 8,

    /// <summary>A downgrade met a request that still waits.</summary>
    NotAcquired = 9,

    /// <summary>A downgrade met a holder that only reads: it has what it asks for already.</summary>
    OnlyReads = 10,

    /// <summary>Authentication is initialised already.</summary>
    AuthIsOn = 11,

    /// <summary>Authentication is not initialised yet.</summary>
    AuthIsOff = 12,

    /// <summary>A token of this name exists.</summary>
    TokenExists = 13,

    /// <summary>No token has this name.</summary>
    NoSuchToken = 14,

    /// <summary>No policy has this name.</summary>
    NoSuchPolicy = 15,

    /// <summary>A token has this policy.</summary>
    PolicyInUse = 16,

    /// <summary>There are as many tokens or policies as there may be.</summary>
    TooMany = 17,
}
