// What a session sends to its connection, in the node's own words: neither the wire's nor the state machine's.
using RaftLocks.Node.Auth;

namespace RaftLocks.Node.Sessions;

/// <summary>The kinds of replies: to a message, or about a request that waits.</summary>
internal enum ReplyKind : byte
{
    /// <summary>The lock waits for older ones.</summary>
    Enqueued,

    /// <summary>The lock is acquired at once.</summary>
    Acquired,

    /// <summary>The lock that waited is acquired.</summary>
    AcquiredLater,

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

/// <summary>One reply.</summary>
/// <param name="Id">The request's number.</param>
/// <param name="Kind">The kind of reply.</param>
/// <param name="Text">The whole message, where <see cref="IsWhole"/>; else how it begins on its channel, null for the
/// main one.</param>
internal readonly record struct SessionReply(ulong Id, ReplyKind Kind, byte[]? Text = null)
{
    /// <summary>
    /// Whether it says that the client has a lock, or that this node leads: not to be said without a lease.
    /// </summary>
    public bool NeedsLease =>
        Kind
            is ReplyKind.Acquired
                or ReplyKind.AcquiredLater
                or ReplyKind.Downgraded
                or ReplyKind.Resumed
                or ReplyKind.Pong;

    /// <summary>Whether it answers a message; a later acquired does not.</summary>
    public bool IsAnswer =>
        Kind
            is not (
                ReplyKind.AcquiredLater
                or ReplyKind.TimedOut
                or ReplyKind.Resumed
                or ReplyKind.Notice
                or ReplyKind.Progress
            );

    /// <summary>Whether its text is all of it.</summary>
    public bool IsWhole =>
        Kind is ReplyKind.OverLimit or ReplyKind.Resumed or ReplyKind.Pong or ReplyKind.Notice or ReplyKind.Progress;
}

/// <summary>
/// The connection to which a session's replies go. No call blocks; all are harmless once the connection has ended.
/// </summary>
internal interface ISessionConnection
{
    /// <summary>Sends the client a reply.</summary>
    void Reply(in SessionReply reply);

    /// <summary>Closes the connection, if nothing has closed it yet.</summary>
    void Close(CloseReason why);

    /// <summary>For how long nothing has come from the client, ms; 0 if that is not worth telling.</summary>
    long SilentMs => 0;

    /// <summary>Who it belongs to; null where nobody was asked.</summary>
    Caller? Caller => null;

    /// <summary>Breaks the connection off.</summary>
    void Abort();
}

/// <summary>Stands for the connection of a session that has none: a reply reaches nobody.</summary>
internal sealed class NullConnection : ISessionConnection
{
    public static readonly NullConnection Instance = new();

    /// <inheritdoc/>
    public void Reply(in SessionReply reply) { }

    /// <inheritdoc/>
    public void Close(CloseReason why) { }

    /// <inheritdoc/>
    public void Abort() { }
}
