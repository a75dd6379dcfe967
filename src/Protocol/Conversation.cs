// What a connection may say next. A client may send ahead of the answers, so what counts is the state in which its next message will
// find the connection: every lock that was accepted leaves it with a lock, every release without one.
namespace RaftLocks.Protocol;

/// <summary>The order of a connection's messages.</summary>
public sealed class Conversation
{
    private bool hasLock;

    /// <summary>Null if this may be said now, else why not.</summary>
    public Refusal? Accept(ClientAction action)
    {
        if (action == ClientAction.Lock && hasLock)
        {
            return Refusal.BadInput("\"lock\" is not allowed now: this connection has a lock already; send \"release\" first");
        }

        if (action == ClientAction.Release && !hasLock)
        {
            return Refusal.BadInput("\"release\" is not allowed now: this connection has no lock; send \"lock\" first");
        }

        hasLock = action == ClientAction.Lock;
        return null;
    }
}
