// What a session knows of its connection.
namespace RaftLocks.Node.Sessions;

/// <summary>Where a session's replies go. No call blocks; all are harmless once the connection has ended.</summary>
internal interface ISessionPeer
{
    /// <summary>Tells the client.</summary>
    void Reply(in SessionReply reply);

    /// <summary>Closes the connection, if nothing has closed it yet.</summary>
    void Close(Farewell farewell);

    /// <summary>Breaks the connection off.</summary>
    void Abort();
}
