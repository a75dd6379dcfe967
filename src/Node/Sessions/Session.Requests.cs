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
    public bool Ended(LockRequest request, NodeEnd how, ReadOnlyMemory<byte> reason = default)
    {
        SessionChannel? channel;
        lock (gate)
        {
            if (predecessor is { } old)
            {
                return old.Ended(request, how, reason);
            }

            channel = Find(request);
            if (channel is null)
            {
                return false;
            }

            Over(channel, how);
            channel.OverByNode();
            RememberEnd(channel, how);
            DecideIfOver();
        }

        if (how == NodeEnd.TimedOut)
        {
            Peer.Reply(new SessionReply(request.Id, ReplyKind.TimedOut, channel.Talk.ChannelField));
        }
        else if (how == NodeEnd.Revoked)
        {
            TellRevoked(channel, request, isOver: true, reason, graceMs: 0);
        }

        return true;
    }

    /// <summary>An administrator wants its request to end; false if it is none of its own.</summary>
    public bool Revoking(LockRequest request, ReadOnlyMemory<byte> reason, long graceMs)
    {
        SessionChannel? channel;
        lock (gate)
        {
            if (predecessor is { } old)
            {
                return old.Revoking(request, reason, graceMs);
            }

            channel = Find(request);
        }

        if (channel is not null)
        {
            TellRevoked(channel, request, isOver: false, reason, graceMs);
        }

        return channel is not null;
    }

    /// <summary>Its waiter's place in line has changed; null if it has not. False if nobody wants to hear of it any more.</summary>
    public bool TellProgress(SessionChannel channel, LockRequest request, in PlaceInLine? changed, long nowMs)
    {
        lock (gate)
        {
            if (ended || !channel.Awaits(request))
            {
                return false;
            }

            // Under the gate: after the grant there must be none.
            if (changed is { } place)
            {
                Peer.Reply(Translation.Progress(channel, request.Id, place, nowMs));
            }

            return true;
        }
    }

    // A client that knows protocol v1 only would take such a message for an answer; all that can be done with it is to end its connection.
    private void TellRevoked(SessionChannel channel, LockRequest request, bool isOver, ReadOnlyMemory<byte> reason, long graceMs)
    {
        if (traits is { IsExtended: true } || channel.Name.Length > 0)
        {
            Peer.Reply(Translation.Revoke(channel, request.Id, isOver, reason, graceMs));
        }
        else
        {
            Peer.Close(Farewell.Revoked(reason));
        }
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
            StartWaiting(channel, home.Now);
            WatchProgress(channel);
        }
    }

    private void WatchProgress(SessionChannel channel)
    {
        if (traits is { HearsProgress: true })
        {
            home.Progress.Add(channel, channel.Live!);
        }
    }

    private void StartWaiting(SessionChannel channel, long since)
    {
        if (channel.Live is { WaitLimitMs: > 0 } request)
        {
            channel.WaitLimit = new TimeoutProposal(home, request);
            home.Timers.Add(channel.WaitLimit, since, request.WaitLimitMs);
        }
    }

    // The request of a channel leaves.
    private void Over(SessionChannel channel, NodeEnd how)
    {
        if (!channel.IsAcquired)
        {
            Namespace.AddWaiting(-1);
            StopWaiting(channel);
        }

        home.Left(channel.Live!, how);
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
