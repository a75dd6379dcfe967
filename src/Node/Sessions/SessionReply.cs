// What a session's connection is told, in the node's own words: neither the wire's nor the state machine's.
namespace RaftLocks.Node.Sessions;

/// <summary>What became of a message, or of a request that waited.</summary>
internal enum ReplyKind : byte
{
    /// <summary>The lock waits for older ones.</summary>
    Enqueued,

    /// <summary>The lock is acquired at once.</summary>
    Acquired,

    /// <summary>The lock that waited is acquired.</summary>
    Granted,

    /// <summary>The channel has no lock any more.</summary>
    Released,

    /// <summary>The lock was not to wait, and would have had to.</summary>
    Busy,

    /// <summary>The lock waited for too long.</summary>
    TimedOut,

    /// <summary>The lock's writes are reads.</summary>
    Downgraded,

    /// <summary>The downgrade met no lock any more.</summary>
    DowngradeCrossed,

    /// <summary>A limit forbids the lock.</summary>
    OverLimit,

    /// <summary>Where a resumed session stands.</summary>
    Resumed,

    /// <summary>Ping, pong.</summary>
    Pong,

    /// <summary>Something that the node says by itself.</summary>
    Notice,

    /// <summary>A waiter's position in the queue. A newer one takes the place of one that was not sent yet.</summary>
    Progress,
}

/// <summary>How the node ends a request by itself.</summary>
internal enum TerminationReason : byte
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The session was gone for too long.</summary>
    Abandoned,

    /// <summary>The request waited for too long.</summary>
    TimedOut,

    /// <summary>An administrator wished it.</summary>
    Revoked,
}

/// <summary>One reply.</summary>
/// <param name="Id">The request's number.</param>
/// <param name="Kind">What is told.</param>
/// <param name="Text">The whole message, for those of the last five kinds; else how it begins on its channel, null for
/// the main one.</param>
internal readonly record struct SessionReply(ulong Id, ReplyKind Kind, byte[]? Text = null)
{
    /// <summary>
    /// Whether it says that the client has a lock, or that this node leads: not to be said without a lease.
    /// </summary>
    public bool NeedsLease =>
        Kind is ReplyKind.Acquired or ReplyKind.Granted or ReplyKind.Downgraded or ReplyKind.Resumed or ReplyKind.Pong;

    /// <summary>Whether it answers a message; a later grant does not.</summary>
    public bool IsAnswer =>
        Kind
            is not (
                ReplyKind.Granted
                or ReplyKind.TimedOut
                or ReplyKind.Resumed
                or ReplyKind.Notice
                or ReplyKind.Progress
            );

    /// <summary>Whether its text is all of it.</summary>
    public bool IsWhole =>
        Kind is ReplyKind.OverLimit or ReplyKind.Resumed or ReplyKind.Pong or ReplyKind.Notice or ReplyKind.Progress;
}
