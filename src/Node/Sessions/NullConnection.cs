// Stands for the connection of a session that has none.
namespace RaftLocks.Node.Sessions;

/// <summary>A connection that is gone: nobody hears anything.</summary>
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
