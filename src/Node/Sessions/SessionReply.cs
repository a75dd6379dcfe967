// What a session's connection is told, in the node's own words: neither the wire's nor the state machine's.
namespace RaftLocks.Node.Sessions;

/// <summary>What became of a message, or of a request that waited.</summary>
internal enum ReplyKind : byte
{
    /// <summary>The lock waits for older ones.</summary>
    Enqueued,

    /// <summary>The lock was granted at once.</summary>
    Acquired,

    /// <summary>The lock that waited is granted.</summary>
    Granted,

    /// <summary>The connection has no lock any more.</summary>
    Released,
}

/// <summary>One reply.</summary>
/// <param name="Id">The request's number.</param>
/// <param name="Kind">What is told.</param>
internal readonly record struct SessionReply(ulong Id, ReplyKind Kind)
{
    /// <summary>Whether the client is told that it holds the lock: not to be said without a lease.</summary>
    public bool IsAcquired => Kind is ReplyKind.Acquired or ReplyKind.Granted;

    /// <summary>Whether it answers a message; a later grant does not.</summary>
    public bool IsAnswer => Kind != ReplyKind.Granted;
}
