// A session of this leadership: which commands are on their way, what its channels have, and what is to become of it when its connection ends.
// Events reach it in log order; the connection's end comes from another thread at any time. Session.Requests.cs
// tells of its requests, Session.Resume.cs of what tokens add.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>One connection's session: a main channel, and others by name.</summary>
internal sealed partial class Session
{
    private readonly Lock gate = new();
    private readonly LeaderSessions home;
    private readonly SessionTraits? traits;
    private ChannelTable? others;
    private TaskCompletionSource? changed;
    private int pending;
    private bool ended;
    private bool inDoubt;
    private long endedAt;

    public Session(SessionId id, NamespaceUse use, long abandonTimeoutMs, LeaderSessions home, ISessionPeer peer, SessionTraits? traits = null)
    {
        Id = id;
        Namespace = use;
        AbandonTimeoutMs = abandonTimeoutMs;
        Peer = peer;
        Main = new SessionChannel(this, []);
        this.home = home;
        this.traits = traits;
    }

    /// <summary>Random and never used again, or the hash of a token.</summary>
    public SessionId Id { get; }

    /// <summary>Where it locks.</summary>
    public NamespaceUse Namespace { get; }

    /// <summary>How long its locks outlive its connection, ms.</summary>
    public long AbandonTimeoutMs { get; }

    /// <summary>Its connection.</summary>
    public ISessionPeer Peer { get; }

    /// <summary>Who it is, for people; may be empty.</summary>
    public ReadOnlyMemory<byte> Label => traits?.Label ?? default;

    /// <summary>Whether that has not ended.</summary>
    public bool IsConnected => !Volatile.Read(ref ended);

    /// <summary>The channel that has no name.</summary>
    public SessionChannel Main { get; private set; }

    /// <summary>The channel of that name; null if there would be too many in use.</summary>
    public SessionChannel? Channel(ReadOnlySpan<byte> name, int maxInUse)
    {
        if (name.IsEmpty)
        {
            return Main;
        }

        lock (gate)
        {
            others ??= new ChannelTable(this);
            return others.Get(name, maxInUse);
        }
    }

    /// <summary>Sends a command on its way, as soon as there is room; false if leadership or the session is over.</summary>
    public ValueTask<bool> ProposeAsync(SessionCommand command)
    {
        lock (gate)
        {
            if (ended)
            {
                return ValueTask.FromResult(false);
            }

            pending++;
            command.Channel.InFlight++;
        }

        return home.Leadership.TryPropose(command) ? ValueTask.FromResult(true) : ProposeWhenThereIsRoomAsync(command);
    }

    /// <summary>One of its commands was applied.</summary>
    public void Settle(SessionChannel channel, in LockEvent happened)
    {
        var reply = Translation.Reply(happened, channel);
        lock (gate)
        {
            switch (happened.Kind)
            {
                case EventKind.Acquired or EventKind.Enqueued:
                    Began(channel, happened.Request!, happened.Kind == EventKind.Acquired);
                    break;
                case EventKind.Released:
                    Over(channel, NodeEnd.None);
                    channel.Over();
                    break;
                case EventKind.Rejected when happened.Reason == RejectReason.Busy:
                    channel.WasBusy();
                    break;
            }

            Landed(channel);
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

    /// <summary>One of its commands was applied, and is answered so; nothing begins or ends by it.</summary>
    public void SettleAs(SessionChannel channel, ReplyKind kind)
    {
        ulong concerned;
        lock (gate)
        {
            concerned = channel.LastId;
            Landed(channel);
        }

        Peer.Reply(new SessionReply(concerned, kind, channel.Talk.ChannelField));
    }

    /// <summary>The fate of one of its commands is not known: leadership is over.</summary>
    public void InDoubt(SessionChannel channel)
    {
        lock (gate)
        {
            inDoubt = true;
            Landed(channel);
        }

        Peer.Close(Farewell.InDoubt);
    }

    /// <summary>One of its commands was never proposed: leadership is over.</summary>
    public void Dropped(SessionChannel channel)
    {
        lock (gate)
        {
            Landed(channel);
        }

        Peer.Close(Farewell.LeadershipLost);
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

        Dropped(command.Channel);
        return false;
    }

    private void Landed(SessionChannel channel)
    {
        pending--;
        channel.InFlight--;
        Changed();
        DecideIfOver();
    }

    private Task NextChange()
    {
        changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return changed.Task;
    }

    private void Changed()
    {
        changed?.TrySetResult();
        changed = null;
    }

    private void DecideIfOver()
    {
        if (!ended || pending > 0 || inDoubt || IsInSuccession)
        {
            return;
        }

        if (Id.Resumable)
        {
            Detach();
            return;
        }

        home.Forget(this);
        foreach (var channel in AllLive())
        {
            var request = channel.Live!;
            if (!channel.IsAcquired)
            {
                // Whoever is still in the queue can never come back for it.
                Namespace.AddWaiting(-1);
                StopWaiting(channel);
            }

            home.Orphaned(request, channel.IsAcquired ? endedAt : null);
            channel.Over();
        }
    }
}
