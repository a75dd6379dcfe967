// A channel of a session: an independent lock of its own, at most one at a time. It belongs to its session's state, but
// for the state of its protocol, which belongs to the connection's reader.
using System.Diagnostics;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Sessions.Steps;

/// <summary>Where one lock is asked for, held and given up.</summary>
internal sealed class SessionChannel
{
    private long locks;

    /// <summary>A channel that has no lock yet.</summary>
    public SessionChannel(Session session, byte[] name)
    {
        Session = session;
        Name = name;
        ProtocolState = new ChannelProtocolState(name);
    }

    /// <summary>A channel that goes on with what was asked for earlier.</summary>
    public SessionChannel(Session session, LockRequest live, bool isAcquired)
    {
        Session = session;
        Name = live.Channel.ToArray();
        ProtocolState = new ChannelProtocolState(Name, hasLock: true);
        locks = 1;
        Live = live;
        LastId = live.Id;
        IsAcquired = isAcquired;
    }

    /// <summary>The session that it belongs to.</summary>
    public Session Session { get; }

    /// <summary>Its name, UTF-8; empty for the main one.</summary>
    public byte[] Name { get; }

    /// <summary>The state of its protocol: what the client may say next.</summary>
    public ChannelProtocolState ProtocolState { get; }

    /// <summary>The request that is held or waits.</summary>
    public LockRequest? Live { get; private set; }

    /// <summary>Whether that is held.</summary>
    public bool IsAcquired { get; private set; }

    /// <summary>The id of the last lock.</summary>
    public ulong LastId { get; private set; }

    /// <summary>How many of its commands are on their way.</summary>
    public int InFlight { get; set; }

    /// <summary>The span of a traced request that waits.</summary>
    public Activity? Trace { get; set; }

    /// <summary>Ends the wait when its time has come.</summary>
    public ScheduledCommand? WaitLimit { get; set; }

    /// <summary>Ends the request when its session has been gone for too long.</summary>
    public ScheduledCommand? Abandon { get; set; }

    /// <summary>Whether it can be forgotten.</summary>
    public bool IsIdle => Live is null && InFlight == 0 && ProtocolState.IsIdle;

    /// <summary>Whether a release or downgrade may still come that would be an error if it were forgotten.</summary>
    public bool MayBeCrossed => ProtocolState.MayBeCrossed;

    /// <summary>Whether the request is the one that waits here.</summary>
    public bool Awaits(LockRequest request) => ReferenceEquals(Live, request) && !IsAcquired;

    /// <summary>A request has begun.</summary>
    public void Begin(LockRequest request, bool isAcquired)
    {
        locks++;
        Live = request;
        LastId = request.Id;
        IsAcquired = isAcquired;
    }

    /// <summary>The request that waited is acquired.</summary>
    public void Acquire(EffectList effects)
    {
        IsAcquired = true;
        EndTrace(LockTrace.Acquired, effects);
    }

    /// <summary>The request has ended, as the client wished or because its connection is gone.</summary>
    public void End(EffectList effects)
    {
        Live = null;
        EndTrace("given up", effects);
    }

    /// <summary>The node ended the last lock that is known to have begun, rather than the client.</summary>
    public void EndByNode(EffectList effects)
    {
        Live = null;
        EndTrace("ended by the node", effects);
        ProtocolState.Ended(locks);
    }

    /// <summary>A lock was refused as busy: it ended before it began.</summary>
    public void RefuseAsBusy() => ProtocolState.Ended(++locks);

    /// <summary>Passes what it has on to a channel of another session.</summary>
    public void MoveTo(SessionChannel other)
    {
        (other.WaitLimit, WaitLimit) = (WaitLimit, null);
        (other.Trace, Trace) = (Trace, null);
        Live = null;
    }

    private void EndTrace(string outcome, EffectList effects)
    {
        if (Trace is { } span)
        {
            Trace = null;
            effects.EndTrace(span, outcome);
        }
    }
}
