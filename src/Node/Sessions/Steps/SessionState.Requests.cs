// What becomes of a session's requests: they begin, are acquired, and end, by the client's command or by the node's.
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Sessions.Steps;

/// <content>Requests.</content>
internal sealed partial class SessionState
{
    // How the node ended the main channel's last lock; null if that is not known here.
    private TerminationReason? lastTermination;

    /// <summary>A request that waited is acquired, because of somebody else's command.</summary>
    public void Acquired(LockRequest request, EffectList effects)
    {
        if (succession is not null)
        {
            succession.Acquired(request, effects);
            return;
        }

        if (Find(request) is not { } channel)
        {
            heir?.Acquired(request, effects);
            return;
        }

        if (!channel.IsAcquired)
        {
            channel.Acquire(effects);
            effects.WaitEnded(owner.Namespace);
            CancelWaitLimit(channel, effects);
            effects.SendReply(
                owner.Connection,
                new SessionReply(request.Id, ReplyKind.AcquiredLater, channel.ProtocolState.ChannelField)
            );
        }
    }

    /// <summary>The node ended a request by itself. False if the request is none of the session's.</summary>
    /// <param name="request">The request.</param>
    /// <param name="how">How it was ended.</param>
    /// <param name="reason">An administrator's reason, UTF-8.</param>
    /// <param name="effects">What is to be done.</param>
    public bool Terminated(LockRequest request, TerminationReason how, ReadOnlyMemory<byte> reason, EffectList effects)
    {
        if (succession is not null)
        {
            return succession.Terminated(request, how, reason, effects);
        }

        if (Find(request) is not { } channel)
        {
            return heir is not null && heir.Terminated(request, how, reason, effects);
        }

        Leave(channel, how, effects);
        channel.EndByNode(effects);
        CancelAbandon(channel, effects);
        RememberTermination(channel, how, effects);
        DecideIfOver(effects);
        if (how == TerminationReason.TimedOut)
        {
            effects.SendReply(
                owner.Connection,
                new SessionReply(request.Id, ReplyKind.TimedOut, channel.ProtocolState.ChannelField)
            );
        }
        else if (how == TerminationReason.Revoked)
        {
            SendRevocation(channel, request, isOver: true, reason, graceMs: 0, effects);
        }

        return true;
    }

    /// <summary>
    /// An administrator wants a request to end within a grace. False if the request is none of the session's.
    /// </summary>
    public bool Revoking(LockRequest request, ReadOnlyMemory<byte> reason, long graceMs, EffectList effects)
    {
        if (succession is not null)
        {
            return succession.Revoking(request, reason, graceMs, effects);
        }

        if (Find(request) is not { } channel)
        {
            return heir is not null && heir.Revoking(request, reason, graceMs, effects);
        }

        SendRevocation(channel, request, isOver: false, reason, graceMs, effects);
        return true;
    }

    /// <summary>A waiter's position in the queue was looked up. False if nobody wants to hear of it any more.</summary>
    /// <param name="channel">The waiter's channel.</param>
    /// <param name="request">The waiter.</param>
    /// <param name="changed">Its position; null if that has not changed.</param>
    /// <param name="nowMs">The time, ms since 1970.</param>
    /// <param name="effects">What is to be done.</param>
    public bool PositionSeen(
        SessionChannel channel,
        LockRequest request,
        in QueuePosition? changed,
        long nowMs,
        EffectList effects
    )
    {
        if (hasEnded || !channel.Awaits(request))
        {
            return false;
        }

        if (changed is { } position)
        {
            effects.SendReply(owner.Connection, ProtocolMapper.Progress(channel, request.Id, position, nowMs));
        }

        return true;
    }

    private void Begin(SessionChannel channel, LockRequest request, bool isAcquired, long now, EffectList effects)
    {
        channel.Begin(request, isAcquired);
        effects.RequestBegun(owner.Namespace);
        RememberTermination(channel, TerminationReason.None, effects);
        if (!isAcquired)
        {
            effects.WaitBegun(owner.Namespace);
            SetWaitLimit(channel, now, effects);
            WatchPosition(channel, effects);
        }
    }

    // The request of a channel leaves the state.
    private void Leave(SessionChannel channel, TerminationReason how, EffectList effects)
    {
        if (!channel.IsAcquired)
        {
            effects.WaitEnded(owner.Namespace);
            CancelWaitLimit(channel, effects);
        }

        effects.RequestEnded(channel.Live!, how);
    }

    // A client that knows protocol v1 only would take such a message for an answer; all that can be done with it is to
    // end its connection.
    private void SendRevocation(
        SessionChannel channel,
        LockRequest request,
        bool isOver,
        ReadOnlyMemory<byte> reason,
        long graceMs,
        EffectList effects
    )
    {
        if (owner.IsExtended || channel.Name.Length > 0)
        {
            effects.SendReply(owner.Connection, ProtocolMapper.Revoke(channel, request.Id, isOver, reason, graceMs));
        }
        else
        {
            effects.CloseConnection(owner.Connection, CloseReason.Revoked(reason));
        }
    }

    private void WatchPosition(SessionChannel channel, EffectList effects)
    {
        if (owner.HearsProgress)
        {
            effects.WatchPosition(channel, channel.Live!);
        }
    }

    private void SetWaitLimit(SessionChannel channel, long since, EffectList effects)
    {
        if (Deadline.OfWait(channel.Live!, since) is { } deadline)
        {
            channel.WaitLimit = new TimeoutProposal(home, channel.Live!) { Deadline = deadline };
            effects.SetDeadline(channel.WaitLimit);
        }
    }

    private static void CancelWaitLimit(SessionChannel channel, EffectList effects)
    {
        if (channel.WaitLimit is { } limit)
        {
            channel.WaitLimit = null;
            effects.CancelDeadline(limit);
        }
    }

    private static void CancelAbandon(SessionChannel channel, EffectList effects)
    {
        if (channel.Abandon is { } abandon)
        {
            channel.Abandon = null;
            effects.CancelDeadline(abandon);
        }
    }

    // Only of the main channel of a session that can be resumed: its next connection is sent it.
    private void RememberTermination(SessionChannel channel, TerminationReason how, EffectList effects)
    {
        if (owner.Id.Resumable && channel.Name.Length == 0 && lastTermination != how)
        {
            lastTermination = how;
            effects.RememberTermination(owner, how);
        }
    }
}
