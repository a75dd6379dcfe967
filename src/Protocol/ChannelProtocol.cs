// Which message a channel accepts next. A client may send ahead of the answers. So the state that decides is the one in
// which its next message will find the channel: with a lock after each accepted lock, without one after each release. A
// lock that the node ended by itself (busy, timeout, revoke) is gone too. A message that the client sent before it
// could know that is no error.
namespace RaftLocks.Protocol;

/// <summary>
/// The order of a channel's messages. <see cref="Accept"/> is called by one reader, <see cref="Ended"/> by anybody.
/// </summary>
public class ChannelProtocol
{
    private long locks;
    private long ended;
    private bool hasLock;
    private bool forgives;

    /// <summary>Makes a channel without a lock.</summary>
    public ChannelProtocol() { }

    /// <summary>Makes a channel that continues after a resume; its lock is the first one.</summary>
    public ChannelProtocol(bool hasLock) => (this.hasLock, locks) = (hasLock, hasLock ? 1 : 0);

    /// <summary>Accepts a message: returns null if it is allowed now, else why not.</summary>
    public Refusal? Accept(ClientAction action)
    {
        if (hasLock && Volatile.Read(ref ended) == locks)
        {
            hasLock = false;
            forgives = true;
        }

        return action switch
        {
            ClientAction.Lock => AcceptLock(),
            ClientAction.Release => AcceptRelease(),
            ClientAction.Downgrade => hasLock || forgives ? null : WithoutLock("downgrade"),
            ClientAction.Ping => null,
        };
    }

    /// <summary>Notes that the node ended a lock by itself. Call it before the client is sent the reply.</summary>
    /// <param name="lockNumber">The number of the accepted lock, counted from 1.</param>
    public void Ended(long lockNumber) => Volatile.Write(ref ended, lockNumber);

    /// <summary>Notes that the server refuses the lock that was accepted last. The reader calls it.</summary>
    public void Refused()
    {
        locks--;
        hasLock = false;
        forgives = true;
    }

    /// <summary>Whether it has no lock.</summary>
    public bool IsIdle => !hasLock || Volatile.Read(ref ended) == locks;

    /// <summary>Whether a message may still come that was sent before its lock's end could be known.</summary>
    public bool MayBeCrossed => forgives || (hasLock && Volatile.Read(ref ended) == locks);

    private Refusal? AcceptLock()
    {
        if (hasLock)
        {
            return Refusal.BadInput(
                "\"lock\" is not allowed now: this connection has a lock already; send \"release\" first"
            );
        }

        locks++;
        hasLock = true;
        forgives = false;
        return null;
    }

    private Refusal? AcceptRelease()
    {
        if (!hasLock && !forgives)
        {
            return WithoutLock("release");
        }

        hasLock = false;
        forgives = false;
        return null;
    }

    private static Refusal WithoutLock(string action) =>
        Refusal.BadInput($"\"{action}\" is not allowed now: this connection has no lock; send \"lock\" first");
}
