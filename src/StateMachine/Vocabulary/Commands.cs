// The commands of the state machine. A batch of commands is one log entry.
namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>A session asks for a lock.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Session">The session; it has at most one live request for each channel.</param>
/// <param name="Channel">The channel of the session; empty for the main one.</param>
/// <param name="Resources">What, all together or not at all.</param>
/// <param name="AbandonTimeoutMs">How long the lock outlives its connection, ms.</param>
/// <param name="WaitLimitMs">-1: none. 0: try, decided in apply. Else how long to wait, ms, measured by the
/// leader.</param>
/// <param name="Label">The label of the client, for people; may be empty.</param>
/// <param name="Ref">The client's own reference; may be empty.</param>
/// <param name="Principal">Who asks, UTF-8; empty where nobody was authenticated.</param>
public readonly record struct LockCommand(
    ReadOnlyMemory<byte> Namespace,
    SessionId Session,
    ReadOnlyMemory<byte> Channel,
    ResourceSet Resources,
    long AbandonTimeoutMs,
    long WaitLimitMs = -1,
    ReadOnlyMemory<byte> Label = default,
    ReadOnlyMemory<byte> Ref = default,
    ReadOnlyMemory<byte> Principal = default
);

/// <summary>A session gives up what it holds, or leaves the queue.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Session">Whose request.</param>
/// <param name="Channel">On which channel.</param>
/// <param name="Principal">Who asks, UTF-8; empty where nobody was authenticated.</param>
public readonly record struct ReleaseCommand(
    ReadOnlyMemory<byte> Namespace,
    SessionId Session,
    ReadOnlyMemory<byte> Channel,
    ReadOnlyMemory<byte> Principal = default
);

/// <summary>
/// The leader ends a request whose session is gone. Names the id, so that a late one never hits the session's next
/// lock.
/// </summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Id">The id of the request.</param>
public readonly record struct AbandonCommand(ReadOnlyMemory<byte> Namespace, ulong Id);

/// <summary>
/// The leader ends a request that has waited as long as it may. Only while it waits: one that was acquired meanwhile is
/// kept.
/// </summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Id">The id of the request.</param>
public readonly record struct TimeoutCommand(ReadOnlyMemory<byte> Namespace, ulong Id);

/// <summary>An operator ends a request, held or waiting.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Id">The id of the request.</param>
/// <param name="Reason">Why, for people, UTF-8; may be empty. Kept in the ledger.</param>
/// <param name="Principal">Who asks, UTF-8; empty where nobody was authenticated.</param>
public readonly record struct RevokeCommand(
    ReadOnlyMemory<byte> Namespace,
    ulong Id,
    ReadOnlyMemory<byte> Reason,
    ReadOnlyMemory<byte> Principal = default
);

/// <summary>A holder's writes become reads at once, and requests that waited only for that become acquired.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Id">The id of the request.</param>
/// <param name="Principal">Who asks, UTF-8; empty where nobody was authenticated.</param>
public readonly record struct DowngradeCommand(
    ReadOnlyMemory<byte> Namespace,
    ulong Id,
    ReadOnlyMemory<byte> Principal = default
);

/// <summary>Allows commands of a higher feature level, once every member supports it.</summary>
/// <param name="Level">The new level.</param>
public readonly record struct RaiseFeatureLevelCommand(int Level);

internal enum CommandKind : byte
{
    Lock = 1,
    Release = 2,
    Abandon = 3,
    RaiseFeatureLevel = 4,

    // From feature level 2 on.
    Timeout = 5,
    Revoke = 6,
    Downgrade = 7,

    // From feature level 3 on.
    InitialiseAuth = 8,
    CreateToken = 9,
    RotateToken = 10,
    DeleteToken = 11,
    SetPolicy = 12,
    DeletePolicy = 13,
}
