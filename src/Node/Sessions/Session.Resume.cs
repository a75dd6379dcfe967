// What a token adds: the session outlives its connection, and the next connection with the token takes over what it has. A session that waits to
// take over stands before the old one: whatever happens to a request in the meantime is passed on to where it still belongs.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <content>Resuming.</content>
internal sealed partial class Session
{
    private Session? predecessor;
    private int abandoning;
    private bool replaced;
    private bool detached;

    // Either its channels are not here yet, or they are about to go elsewhere.
    private bool IsInSuccession => replaced || predecessor is not null;

    /// <summary>What an earlier leader left of a session whose connection is gone since this leadership began.</summary>
    public static Session Inherited(SessionId id, NamespaceUse use, LeaderSessions home) =>
        new(id, use, abandonTimeoutMs: 0, home, Nobody.Peer) { ended = true, detached = true };

    /// <summary>Adds a request to what was inherited.</summary>
    public void Inherit(LockRequest request, long since, long leastTimeoutMs)
    {
        lock (gate)
        {
            var channel = Adopt(request, request.IsAcquired);
            if (!channel.IsAcquired)
            {
                StartWaiting(channel, since);
            }

            channel.Abandon = new AbandonProposal(home, request, this);
            home.Timers.Add(channel.Abandon, since, Math.Max(request.AbandonTimeoutMs, leastTimeoutMs));
        }
    }

    /// <summary>This session will take over what another with the same token has, which is told to go. Both are of the same leadership.</summary>
    public void Succeed(Session current)
    {
        lock (current.gate)
        {
            current.replaced = true;
            if (!current.ended)
            {
                current.ended = true;
                current.endedAt = home.Now;
            }

            // One that has not taken over yet never will.
            predecessor = current.predecessor ?? current;
            current.predecessor = null;
            current.Peer.Close(Farewell.Replaced);
            current.Changed();
        }
    }

    /// <summary>
    /// Waits until all that the old connection sent is settled, and an abandon that is on its way too; then takes over and tells the client where
    /// it stands. False if that will never be.
    /// </summary>
    public async Task<bool> TakeOverAsync()
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                if (replaced)
                {
                    return false;
                }

                if (predecessor is { inDoubt: true })
                {
                    Peer.Close(Farewell.InDoubt);
                    return false;
                }

                if (TryTake(out change))
                {
                    // Under the same gate: no grant may be told before.
                    Announce();
                    DecideIfOver();
                    return true;
                }
            }

            await change.WaitAsync(home.Leadership.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (home.Leadership.Ended.IsCancellationRequested)
            {
                Peer.Close(Farewell.LeadershipLost);
                return false;
            }
        }
    }

    /// <summary>An abandon is about to be proposed: not if somebody has come back.</summary>
    public bool TryBeginAbandon(LockRequest request)
    {
        lock (gate)
        {
            if (IsInSuccession || Find(request) is null)
            {
                return false;
            }

            abandoning++;
            return true;
        }
    }

    /// <summary>What became of it is known, or never will be.</summary>
    public void AbandonSettled(bool inDoubt)
    {
        lock (gate)
        {
            abandoning--;
            this.inDoubt |= inDoubt;
            Changed();
        }
    }

    // False, and what to wait for, while something of the predecessor is on its way.
    private bool TryTake(out Task change)
    {
        change = Task.CompletedTask;
        if (predecessor is not { } old)
        {
            return true;
        }

        lock (old.gate)
        {
            if (old.pending > 0 || old.abandoning > 0)
            {
                change = old.NextChange();
                return false;
            }

            TakeFrom(old);
        }

        predecessor = null;
        return true;
    }

    private void TakeFrom(Session old)
    {
        foreach (var channel in old.AllLive())
        {
            var taken = Adopt(channel.Live!, channel.IsAcquired);
            (taken.WaitLimit, channel.WaitLimit) = (channel.WaitLimit, null);
            (taken.Trace, channel.Trace) = (channel.Trace, null);
            old.Namespace.AddWaiting(channel.IsAcquired ? 0 : -1);
            CancelAbandon(channel);
            channel.Over();
        }
    }

    private SessionChannel Adopt(LockRequest request, bool isAcquired)
    {
        var channel = new SessionChannel(this, request, isAcquired);
        if (channel.Name.Length == 0)
        {
            Main = channel;
        }
        else
        {
            others ??= new ChannelTable(this);
            others.Add(channel);
        }

        Namespace.Exists = true;
        if (!isAcquired)
        {
            Namespace.AddWaiting(1);
            WatchProgress(channel);
        }

        return channel;
    }

    // The connection is gone; what is live lives on for its abandon timeout, and the session as long as something is live.
    private void Detach()
    {
        if (!detached)
        {
            detached = true;
            foreach (var channel in AllLive())
            {
                channel.Abandon = new AbandonProposal(home, channel.Live!, this);
                home.Timers.Add(channel.Abandon, endedAt, channel.Live!.AbandonTimeoutMs);
            }
        }

        if (!AllLive().Any())
        {
            home.Forget(this);
        }
    }

    private void CancelAbandon(SessionChannel channel)
    {
        if (channel.Abandon is { } abandon)
        {
            home.Timers.Cancel(abandon);
            channel.Abandon = null;
        }
    }

    private void Announce()
    {
        var live = AllLive().Where(channel => channel.Name.Length > 0).ToArray();
        Peer.Reply(Translation.Resumed(Main, home.Ends.Find(Id), live.Length));
        foreach (var channel in live)
        {
            Peer.Reply(Translation.Resumed(channel, NodeEnd.None, 0));
        }

        foreach (var channel in AllLive())
        {
            if (home.Revocations.Find(channel.Live!, out var reason, out var leftMs))
            {
                TellRevoked(channel, channel.Live!, isOver: false, reason, leftMs);
            }
        }
    }

    private void RememberEnd(SessionChannel channel, NodeEnd how)
    {
        CancelAbandon(channel);
        if (Id.Resumable && channel.Name.Length == 0)
        {
            home.Ends.Add(Id, how);
        }
    }

    private void ForgetEnd(SessionChannel channel)
    {
        if (Id.Resumable && channel.Name.Length == 0)
        {
            home.Ends.Remove(Id);
        }
    }
}
