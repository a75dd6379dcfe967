// How a connection is ended beneath its WebSocket.
namespace RaftLocks.Node.Sessions.Wire;

internal interface IWireEnds
{
    /// <summary>Breaks the connection off.</summary>
    void Abort();

    /// <summary>
    /// Tells the other side that nothing more will be sent, where the transport can say that by itself.
    /// </summary>
    void EndSending();
}
