// How locks are lost by time: every held lock when the lease is over, a revoked one when its grace may have ended.
namespace RaftLocks.Client.Sessions;

internal sealed partial class LockSession
{
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether a held lock is lost by now.</summary>
    public bool IsLost(LockChannel channel, HeldLock held)
    {
        lock (mutex)
        {
            LoseWhatHasExpired();
            return held.WasLost;
        }
    }

    private void Lose(LockChannel channel, LockLossCause cause, string reason)
    {
        if (!channel.Held!.WasLost)
        {
            Telemetry.Lost(side);
            channel.Held.Lose(cause, reason);
        }
    }

    private void LoseWhatHasExpired()
    {
        var isExpired = lease.IsExpired;
        foreach (var channel in channels.Values)
        {
            if (channel.Phase != Phase.Held)
            {
                continue;
            }

            if (isExpired)
            {
                Lose(
                    channel,
                    LockLossCause.ClusterSilent,
                    "the cluster has not answered for almost the abandon timeout of "
                        + $"{options.AbandonTimeout.TotalSeconds:0.###} s; {lastProblem}"
                );
                BeginRelease(channel);
            }
            else if (channel.Held!.Grace is { } grace && lease.RemainingOf(grace.Length, grace.Since) <= TimeSpan.Zero)
            {
                Lose(channel, LockLossCause.Revoked, $"it was revoked: {channel.Held.RevocationReason}");
                BeginRelease(channel);
            }
        }
    }

    // The system's timers stand still while the machine is suspended, so the watch looks at the clock more often than
    // the deadline demands.
    private void Watch()
    {
        lock (mutex)
        {
            LoseWhatHasExpired();
            isWatching = false;
            BeginWatch();
        }
    }

    private void BeginWatch()
    {
        if (isWatching || !channels.Values.Any(channel => channel.Phase == Phase.Held))
        {
            return;
        }

        isWatching = true;
        var next = TimeSpan.FromTicks(
            Math.Min(lease.Remaining.Ticks, Math.Min(options.Margin.Ticks / 4, LongestWatch.Ticks))
        );
        watch.Change(next > ShortestWatch ? next : ShortestWatch, Timeout.InfiniteTimeSpan);
    }
}
