// A session of this leadership: which commands are on their way, what it has, and what is to become of it when its connection ends.
// Events reach it in log order; the connection's end comes from another thread at any time.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>One connection's session, at most one live request.</summary>
internal sealed class Session(SessionId id, NamespaceUse @namespace, long abandonTimeoutMs, LeaderSessions home, ISessionPeer peer)
{
    private readonly Lock gate = new();
    private LockRequest? live;
    private ulong lastId;
    private int pending;
    private bool acquired;
    private bool ended;
    private long endedAt;

    /// <summary>Random, never used again.</summary>
    public SessionId Id { get; } = id;

    /// <summary>Where it locks.</summary>
    public NamespaceUse Namespace { get; } = @namespace;

    /// <summary>How long its acquired lock outlives its connection, ms.</summary>
    public long AbandonTimeoutMs { get; } = abandonTimeoutMs;

    /// <summary>Its connection.</summary>
    public ISessionPeer Peer { get; } = peer;

    /// <summary>Sends a command on its way, as soon as there is room; false if leadership is over.</summary>
    public ValueTask<bool> ProposeAsync(SessionCommand command)
    {
        lock (gate)
        {
            pending++;
        }

        return home.Leadership.TryPropose(command) ? ValueTask.FromResult(true) : ProposeWhenThereIsRoomAsync(command);
    }

    /// <summary>One of its commands was applied.</summary>
    public void Settle(in LockEvent happened)
    {
        var reply = Translation.Reply(happened);
        lock (gate)
        {
            pending--;
            switch (happened.Kind)
            {
                case EventKind.Acquired or EventKind.Enqueued:
                    Began(happened.Request!, happened.Kind == EventKind.Acquired);
                    break;
                case EventKind.Released:
                    Over();
                    break;
            }

            DecideIfOver();
        }

        if (reply is { } told)
        {
            Peer.Reply(told);
        }
        else
        {
            Peer.Close(Farewell.OutOfStep);
        }
    }

    /// <summary>Its release met no request any more.</summary>
    public void SettleCrossedRelease()
    {
        ulong concerned;
        lock (gate)
        {
            pending--;
            concerned = lastId;
            DecideIfOver();
        }

        Peer.Reply(new SessionReply(concerned, ReplyKind.Released));
    }

    /// <summary>The fate of one of its commands is not known, or it was never proposed: leadership is over.</summary>
    public void Unsettled(Farewell farewell) => Peer.Close(farewell);

    /// <summary>What it waited for is granted.</summary>
    public void Granted(LockRequest request)
    {
        lock (gate)
        {
            if (!ReferenceEquals(live, request) || acquired)
            {
                return;
            }

            acquired = true;
            Namespace.AddWaiting(-1);
        }

        Peer.Reply(new SessionReply(request.Id, ReplyKind.Granted));
    }

    /// <summary>Its request was ended by an abandon.</summary>
    public void Abandoned(LockRequest request)
    {
        lock (gate)
        {
            if (ReferenceEquals(live, request))
            {
                Over();
            }
        }
    }

    /// <summary>Its connection has ended. What is left of it is decided now, or when its last command is applied.</summary>
    public void End()
    {
        lock (gate)
        {
            if (ended)
            {
                return;
            }

            ended = true;
            endedAt = home.Now;
            DecideIfOver();
        }
    }

    private async ValueTask<bool> ProposeWhenThereIsRoomAsync(SessionCommand command)
    {
        if (await home.Leadership.ProposeAsync(command))
        {
            return true;
        }

        Unsettled(Farewell.LeadershipLost);
        return false;
    }

    private void Began(LockRequest request, bool atOnce)
    {
        live = request;
        lastId = request.Id;
        acquired = atOnce;
        Namespace.Exists = true;
        home.AddLive(1);
        if (!atOnce)
        {
            Namespace.AddWaiting(1);
        }
    }

    private void Over()
    {
        if (!acquired)
        {
            Namespace.AddWaiting(-1);
        }

        live = null;
        home.AddLive(-1);
    }

    private void DecideIfOver()
    {
        if (!ended || pending > 0)
        {
            return;
        }

        home.Forget(this);
        if (live is null)
        {
            return;
        }

        if (!acquired)
        {
            // Whoever is still in the queue can never come back for it.
            Namespace.AddWaiting(-1);
        }

        home.Orphaned(live, acquired ? endedAt : null);
        live = null;
    }
}
