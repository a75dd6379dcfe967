// What a step answers to a connection that asks for something which may have to wait until other things are settled.
namespace RaftLocks.Node.Sessions.Steps;

/// <summary>Whether it is somebody's turn.</summary>
internal enum TurnKind : byte
{
    /// <summary>It is done.</summary>
    Now,

    /// <summary>It must be asked for again when something has changed.</summary>
    Later,

    /// <summary>It will never be done.</summary>
    Never,
}

/// <summary>The answer.</summary>
/// <param name="Kind">Whether it is done.</param>
/// <param name="Close">Why the connection is to be closed instead; null if it is not, or has been closed
/// already.</param>
/// <param name="Command">A command that the connection is to send on its way now.</param>
internal readonly record struct Turn(TurnKind Kind, CloseReason? Close = null, SessionCommand? Command = null)
{
    public static readonly Turn Now = new(TurnKind.Now);
    public static readonly Turn Later = new(TurnKind.Later);
    public static readonly Turn Never = new(TurnKind.Never);

    public static Turn Closing(CloseReason why) => new(TurnKind.Never, why);
}
