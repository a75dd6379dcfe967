// A channel of a session: an independent lock of its own, at most one at a time. All of it is guarded by its session's gate, but for the talk.
using System.Diagnostics;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>Where one lock is asked for, held and given up.</summary>
internal sealed class SessionChannel
{
    private long locks;

    public SessionChannel(Session session, byte[] name)
    {
        Session = session;
        Name = name;
        Talk = new Talk(name);
    }

    /// <summary>One that goes on with what was asked for earlier.</summary>
    public SessionChannel(Session session, LockRequest live, bool isAcquired)
    {
        Session = session;
        Name = live.Channel.ToArray();
        Talk = new Talk(Name, hasLock: true);
        locks = 1;
        Live = live;
        LastId = live.Id;
        IsAcquired = isAcquired;
    }

    /// <summary>Whose it is.</summary>
    public Session Session { get; }

    /// <summary>Its name, UTF-8; empty for the main one.</summary>
    public byte[] Name { get; }

    /// <summary>What may be said next. Belongs to the connection.</summary>
    public Talk Talk { get; }

    /// <summary>What is held or awaited.</summary>
    public LockRequest? Live { get; private set; }

    /// <summary>Whether that is held.</summary>
    public bool IsAcquired { get; private set; }

    /// <summary>The id of the last lock.</summary>
    public ulong LastId { get; private set; }

    /// <summary>Its commands on their way.</summary>
    public int InFlight { get; set; }

    /// <summary>The span of a traced request that waits.</summary>
    public Activity? Trace { get; set; }

    /// <summary>Ends the wait when its time has come.</summary>
    public DueCommand? WaitLimit { get; set; }

    /// <summary>Ends the request when its session has been gone for too long.</summary>
    public DueCommand? Abandon { get; set; }

    /// <summary>Whether it can be forgotten.</summary>
    public bool IsIdle => Live is null && InFlight == 0 && Talk.IsIdle;

    /// <summary>Whether the request is the one that waits.</summary>
    public bool Awaits(LockRequest request) => ReferenceEquals(Live, request) && !IsAcquired;

    public void Began(LockRequest request, bool atOnce)
    {
        locks++;
        Live = request;
        LastId = request.Id;
        IsAcquired = atOnce;
    }

    public void Granted()
    {
        IsAcquired = true;
        LockTrace.Granted(Trace);
        Trace = null;
    }

    public void Over()
    {
        Live = null;
        LockTrace.End(Trace, "given up");
        Trace = null;
    }

    /// <summary>The node ended the last lock that was settled, rather than the client.</summary>
    public void OverByNode()
    {
        Live = null;
        LockTrace.End(Trace, "ended by the node");
        Trace = null;
        Talk.Ended(locks);
    }

    /// <summary>A lock was refused as busy: over before it began.</summary>
    public void WasBusy() => Talk.Ended(++locks);
}
