// What may be said next on a connection's channel. A client may send ahead of the answers, so what counts is the state in which its next
// message will find the channel: every lock that was accepted leaves it with a lock, every release without one. A lock that the node
// ended by itself (busy, timeout, revoke) is gone too, and what the client said before it could know that is no mistake.
namespace RaftLocks.Protocol;

/// <summary>The order of a channel's messages. <see cref="Accept"/> is called by one reader, <see cref="Ended"/> by anybody.</summary>
public class Conversation
{
    private long locks;
    private long ended;
    private bool hasLock;
    private bool forgives;

    /// <summary>A conversation that begins with no lock.</summary>
    public Conversation()
    {
    }

    /// <summary>One that goes on after a resume; its lock is the first one.</summary>
    public Conversation(bool hasLock) => (this.hasLock, locks) = (hasLock, hasLock ? 1 : 0);

    /// <summary>Null if this may be said now, else why not.</summary>
    public Refusal? Accept(ClientAction action)
    {
        if (hasLock && Volatile.Read(ref ended) == locks)
        {
            hasLock = false;
            forgives = true;
        }

        switch (action)
        {
            case ClientAction.Lock when hasLock:
                return Refusal.BadInput("\"lock\" is not allowed now: this connection has a lock already; send \"release\" first");
            case ClientAction.Lock:
                locks++;
                hasLock = true;
                forgives = false;
                return null;
            case ClientAction.Release when !hasLock && !forgives:
                return Refusal.BadInput("\"release\" is not allowed now: this connection has no lock; send \"lock\" first");
            case ClientAction.Release:
                hasLock = false;
                forgives = false;
                return null;
            case ClientAction.Downgrade when !hasLock && !forgives:
                return Refusal.BadInput("\"downgrade\" is not allowed now: this connection has no lock; send \"lock\" first");
            default:
                return null;
        }
    }

    /// <summary>The node ended a lock by itself; to be called before the client is told.</summary>
    /// <param name="lockNumber">Which of the locks that were accepted, counted from 1.</param>
    public void Ended(long lockNumber) => Volatile.Write(ref ended, lockNumber);

    /// <summary>Whether nothing is owed to it: no lock, and no message that could still cross the lock's end.</summary>
    public bool IsIdle => !forgives && (!hasLock || Volatile.Read(ref ended) == locks);
}
