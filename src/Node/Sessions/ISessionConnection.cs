// What a session knows of its connection.
namespace RaftLocks.Node.Sessions;

/// <summary>Where a session's replies go. No call blocks; all are harmless once the connection has ended.</summary>
internal interface ISessionConnection
{
    /// <summary>Tells the client.</summary>
    void Reply(in SessionReply reply);

    /// <summary>Closes the connection, if nothing has closed it yet.</summary>
    void Close(CloseReason why);

    /// <summary>For how long nothing has come from the client, ms; 0 if that is not worth telling.</summary>
    long SilentMs => 0;

    /// <summary>Breaks the connection off.</summary>
    void Abort();
}
