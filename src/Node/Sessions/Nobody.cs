// Who listens to a session that has no connection.
namespace RaftLocks.Node.Sessions;

internal sealed class Nobody : ISessionPeer
{
    public static readonly Nobody Peer = new();

    /// <inheritdoc/>
    public void Reply(in SessionReply reply)
    {
    }

    /// <inheritdoc/>
    public void Close(Farewell farewell)
    {
    }

    /// <inheritdoc/>
    public void Abort()
    {
    }
}
