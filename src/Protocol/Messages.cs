// The words of protocol v1 and its extensions: what a client can ask for, and the states of its connection. Zero is no
// word, so that a field that was never set is noticed.
namespace RaftLocks.Protocol;

/// <summary>The action that a client asks for.</summary>
public enum ClientAction : byte
{
    /// <summary>Take a lock; allowed when ready.</summary>
    Lock = 1,

    /// <summary>Give it up, or leave the queue; allowed when enqueued or acquired.</summary>
    Release = 2,

    /// <summary>Turn the lock's writes into reads; allowed when acquired. An extension.</summary>
    Downgrade = 3,

    /// <summary>Ask whether the node still leads; always allowed. An extension.</summary>
    Ping = 4,
}

/// <summary>The access that is asked for to a resource.</summary>
public enum AccessMode : byte
{
    /// <summary>Shared with other readers.</summary>
    Read = 1,

    /// <summary>Exclusive.</summary>
    Write = 2,
}

/// <summary>
/// Why there is no lock though the client did not release it. An extension: said only where the client asked for what
/// led to it.
/// </summary>
public enum EndReason : byte
{
    /// <summary>No reason is given.</summary>
    None = 0,

    /// <summary>A lock that must not wait would have to wait.</summary>
    Busy = 1,

    /// <summary>The lock waited for as long as it was allowed to.</summary>
    Timeout = 2,

    /// <summary>Its session was gone for longer than its abandon timeout.</summary>
    Abandoned = 3,

    /// <summary>An administrator ended it.</summary>
    Revoked = 4,
}

/// <summary>The state of a connection, as the protocol names it.</summary>
public enum ConnectionState : byte
{
    /// <summary>No lock.</summary>
    Ready = 1,

    /// <summary>Its lock waits.</summary>
    Enqueued = 2,

    /// <summary>It holds its lock.</summary>
    Acquired = 3,
}
