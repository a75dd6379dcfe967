// What the cluster says about the locks, and what follows from it.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

internal sealed partial class LockSession
{
    /// <summary>Handles a message of the current connection.</summary>
    /// <exception cref="BadMessageException">It can't be true; nothing of it is believed.</exception>
    public void Receive(ServerMessage message, Connection from)
    {
        lock (mutex)
        {
            if (connection != from)
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
            else if (IsOfGivenBack(message))
            {
                // No call had requested it, and its release is under way.
            }
            else if (message.Channel is { } name && channels.TryGetValue(name, out var channel))
            {
                Check(channel, message);
                Receive(channel, message);
            }
            else
            {
                CheckUnasked(message);
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
            case ServerAction.Downgrade when message.State == RequestState.Acquired && channel.Downgrading is not null:
                Downgraded(channel);
                break;
            case ServerAction.Revoke when message.State is RequestState.Ready:
                Revoked(channel, message);
                break;
            case ServerAction.Revoke when channel.Phase == Phase.Held:
                channel.Held!.RequestRevocation(
                    message.Reason,
                    TimeSpan.FromMilliseconds(message.GraceMs ?? 0),
                    lease.ProvenAt ?? clock.GetTimestamp()
                );
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
        greatestId = Math.Max(greatestId, channel.Id);
        if (message.State == RequestState.Ready)
        {
            if (message.Reason == ServerLimits.Refused)
            {
                channel.Fail(ServerLimits.Refusal(message));
            }

            channel.Tell(null);
            End(channel);
        }
        else if (channel.IsCancelled)
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

    /// <summary>Handles an acquired lock. If the message came too late to be trusted, a ping decides.</summary>
    private void Grant(LockChannel channel)
    {
        if (lease.IsExpired)
        {
            channel.Phase = Phase.Unproven;
            connection?.Ping();
            return;
        }

        channel.Phase = Phase.Held;
        Telemetry.Holding(side, 1);
        channel.Held = new HeldLock(this, channel);
        channel.Tell(channel.Held);
        BeginWatch();
    }

    private void Prove(long sentAt)
    {
        // First the state until now: what has expired is lost, whatever is proven afterwards.
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
        channel.Fail(new LockRevokedException($"An operator ended the request: {reason}.", reason));
        if (channel.Phase == Phase.Held)
        {
            Lose(channel, LockLossCause.Revoked, $"it was revoked: {reason}");
        }

        End(channel);
    }

    private static void Downgraded(LockChannel channel)
    {
        channel.Resources = [.. channel.Resources.Select(resource => LockResource.Read([.. resource.Path]))];
        channel.Downgrading?.Succeed(true);
        channel.Downgrading = null;
    }

    private static void Tell(LockChannel channel, ServerMessage message)
    {
        var blocker = message.Blocker;
        channel.Progress?.Tell(
            new LockProgress(
                message.Place,
                blocker?.Id,
                blocker?.Label,
                blocker?.State == RequestState.Acquired,
                TimeSpan.FromMilliseconds(blocker?.SinceMs ?? 0)
            )
        );
    }
}
