// The words of protocol v1: what a client can ask for, and where its connection can stand. Zero is no word, so that a
// field that was never set is noticed.
namespace RaftLocks.Protocol;

/// <summary>What a client asks for.</summary>
public enum ClientAction : byte
{
    /// <summary>Take a lock; allowed when ready.</summary>
    Lock = 1,

    /// <summary>Give it up, or leave the queue; allowed when enqueued or acquired.</summary>
    Release = 2,
}

/// <summary>How a resource is to be locked.</summary>
public enum AccessMode : byte
{
    /// <summary>Shared with other readers.</summary>
    Read = 1,

    /// <summary>Exclusive.</summary>
    Write = 2,
}

/// <summary>Where a connection stands, as the protocol names it.</summary>
public enum ConnectionState : byte
{
    /// <summary>No lock.</summary>
    Ready = 1,

    /// <summary>Its lock waits.</summary>
    Enqueued = 2,

    /// <summary>It holds its lock.</summary>
    Acquired = 3,
}
