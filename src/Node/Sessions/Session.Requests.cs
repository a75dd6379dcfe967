// What becomes of a session's requests: they begin, are granted, and end, by the client's command or by the node's.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <content>Its requests.</content>
internal sealed partial class Session
{
    /// <summary>What it waited for is granted.</summary>
    public void Granted(LockRequest request)
    {
        SessionChannel? channel;
        lock (gate)
        {
            if (predecessor is { } old)
            {
                // Under this gate, so that it is either told before this session takes over, or found here.
                old.Granted(request);
                return;
            }

            channel = Find(request);
            if (channel is null || !channel.Awaits(request))
            {
                return;
            }

            channel.Granted();
            Namespace.AddWaiting(-1);
            StopWaiting(channel);
        }

        Peer.Reply(new SessionReply(request.Id, ReplyKind.Granted, channel.Talk.ChannelField));
    }

    /// <summary>The node ended its request by itself; false if it is none of its own.</summary>
    public bool Ended(LockRequest request, NodeEnd how)
    {
        SessionChannel? channel;
        lock (gate)
        {
            if (predecessor is { } old)
            {
                return old.Ended(request, how);
            }

            channel = Find(request);
            if (channel is null)
            {
                return false;
            }

            Over(channel);
            channel.OverByNode();
            RememberEnd(channel, how);
            DecideIfOver();
        }

        if (how == NodeEnd.TimedOut)
        {
            Peer.Reply(new SessionReply(request.Id, ReplyKind.TimedOut, channel.Talk.ChannelField));
        }

        return true;
    }

    private SessionChannel? Find(LockRequest request) =>
        ReferenceEquals(Main.Live, request) ? Main
        : others?.Find(request.Channel.Span) is { } other && ReferenceEquals(other.Live, request) ? other
        : null;

    private IEnumerable<SessionChannel> AllLive()
    {
        if (Main.Live is not null)
        {
            yield return Main;
        }

        foreach (var other in others?.All ?? [])
        {
            if (other.Live is not null)
            {
                yield return other;
            }
        }
    }

    private void Began(SessionChannel channel, LockRequest request, bool atOnce)
    {
        channel.Began(request, atOnce);
        Namespace.Exists = true;
        home.AddLive(1);
        ForgetEnd(channel);
        if (!atOnce)
        {
            Namespace.AddWaiting(1);
        }
    }

    // The request of a channel leaves; how is the caller's matter.
    private void Over(SessionChannel channel)
    {
        if (!channel.IsAcquired)
        {
            Namespace.AddWaiting(-1);
            StopWaiting(channel);
        }

        home.AddLive(-1);
    }

    private void StopWaiting(SessionChannel channel)
    {
        if (channel.WaitLimit is { } limit)
        {
            home.Timers.Cancel(limit);
            channel.WaitLimit = null;
        }
    }
}
