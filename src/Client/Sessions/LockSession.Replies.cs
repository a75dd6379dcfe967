// What the cluster says about the locks, and what follows from it.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

internal sealed partial class LockSession
{
    /// <summary>Takes a message of the current connection.</summary>
    public void Receive(ServerMessage message, Link from)
    {
        lock (mutex)
        {
            if (link != from)
            {
                return;
            }

            if (message.Action == ServerAction.Pong)
            {
                if (from.Answered(message.Ping) is { } sentAt)
                {
                    Prove(sentAt);
                }
            }
            else if (message.Channel is { } name && channels.TryGetValue(name, out var channel))
            {
                Receive(channel, message);
            }
        }
    }

    private void Receive(LockChannel channel, ServerMessage message)
    {
        switch (message.Action)
        {
            case ServerAction.Lock when channel.Phase is Phase.Asking or Phase.Enqueued:
                Answered(channel, message);
                break;
            case ServerAction.Release when channel.Phase == Phase.Releasing:
                End(channel);
                break;
            case ServerAction.Downgrade when message.State == RequestState.Acquired:
                channel.Downgrading?.TrySetResult();
                channel.Downgrading = null;
                break;
            case ServerAction.Revoke when message.State is RequestState.Ready:
                Revoked(channel, message);
                break;
            case ServerAction.Revoke when channel.Phase == Phase.Held:
                channel.Held!.AskBack(message.Reason, TimeSpan.FromMilliseconds(message.GraceMs ?? 0), lease.ProvenAt ?? clock.GetTimestamp());
                LoseWhatHasExpired();
                break;
            case ServerAction.Progress when channel.Phase == Phase.Enqueued:
                Tell(channel, message);
                break;
        }
    }

    private void Answered(LockChannel channel, ServerMessage message)
    {
        channel.IsReached = true;
        channel.Id = message.Id ?? 0;
        if (message.State == RequestState.Ready)
        {
            channel.Answer.TrySetResult(null);
            End(channel);
        }
        else if (channel.IsUnwanted)
        {
            BeginRelease(channel);
        }
        else if (message.State == RequestState.Acquired)
        {
            Grant(channel);
        }
        else
        {
            channel.Phase = Phase.Enqueued;
        }
    }

    /// <summary>The cluster says that it is acquired. If that came too late to be believed, a ping decides.</summary>
    private void Grant(LockChannel channel)
    {
        if (lease.IsExpired)
        {
            channel.Phase = Phase.Unproven;
            link?.Ping();
            return;
        }

        channel.Phase = Phase.Held;
        Telemetry.Holding(1);
        channel.Held = new HeldLock(this, channel);
        channel.Answer.TrySetResult(channel.Held);
        BeginWatch();
    }

    private void Prove(long sentAt)
    {
        // First what was believed until now: what has expired is lost, whatever is proven afterwards.
        LoseWhatHasExpired();
        lease.Prove(sentAt);
        if (lease.IsExpired)
        {
            return;
        }

        foreach (var channel in channels.Values)
        {
            if (channel.Phase == Phase.Unproven)
            {
                Grant(channel);
            }
        }
    }

    private void Revoked(LockChannel channel, ServerMessage message)
    {
        // A release that crosses it gets its own answer, and ends the channel then.
        if (channel.Phase == Phase.Releasing)
        {
            return;
        }

        var reason = message.Reason ?? "no reason given";
        channel.Answer.TrySetException(new LockRevokedException($"An operator ended the request: {reason}."));
        if (channel.Phase == Phase.Held)
        {
            Lose(channel, $"it was revoked: {reason}");
        }

        End(channel);
    }

    private static void Tell(LockChannel channel, ServerMessage message)
    {
        var blocker = message.Blocker;
        channel.Progress?.Report(new LockProgress(
            message.Place, blocker?.Id, blocker?.Label, blocker?.State == RequestState.Acquired, TimeSpan.FromMilliseconds(blocker?.SinceMs ?? 0)));
    }
}
