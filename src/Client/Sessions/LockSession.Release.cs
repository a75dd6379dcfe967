// How locks are given back: by their holders, by callers who gave up, by a client that ends.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

internal sealed partial class LockSession
{
    /// <summary>Gives a held lock back.</summary>
    public void Release(LockChannel channel, HeldLock held)
    {
        lock (mutex)
        {
            if (channel.Phase == Phase.Held && channel.Held == held)
            {
                BeginRelease(channel);
            }
        }
    }

    /// <summary>
    /// Gives a held lock back; the task completes when the cluster has confirmed it, or after the release timeout.
    /// </summary>
    public Task ReleaseAsync(LockChannel channel, HeldLock held)
    {
        lock (mutex)
        {
            Release(channel, held);

            // The session tries again for as long as the client lives; after that the abandon timeout ends the lock.
            if (held.WasLost || channel.Phase == Phase.Ended || options.ReleaseTimeout == TimeSpan.Zero)
            {
                return Task.CompletedTask;
            }

            if (channel.Over is null)
            {
                channel.Over = new Completion<bool>();
                channel.OverLimit = clock.CreateTimer(
                    _ => StopWaiting(channel),
                    null,
                    options.ReleaseTimeout,
                    Timeout.InfiniteTimeSpan
                );
            }

            return channel.Over.Task;
        }
    }

    /// <summary>Releases everything; the task completes when the cluster has confirmed it.</summary>
    public Task EndAsync()
    {
        lock (mutex)
        {
            if (idle is null)
            {
                isDisposed = true;
                idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                foreach (var channel in channels.Values.ToList())
                {
                    if (channel.Phase == Phase.Held)
                    {
                        Lose(channel, LockLossCause.ClientDisposed, "the client was disposed");
                    }

                    channel.Fail(new ObjectDisposedException(nameof(RaftLocksClient)));
                    Cancel(channel);
                }
            }

            if (channels.Count == 0)
            {
                idle.TrySetResult();
            }

            return idle.Task;
        }
    }

    /// <summary>Ends a client whose time is over: what was requested and not answered is released unseen.</summary>
    public void ReleaseUnanswered()
    {
        lock (mutex)
        {
            foreach (var channel in channels.Values)
            {
                if (channel.Phase == Phase.Asking && connection is not null && channel.SentOn == connection.Number)
                {
                    connection.Send(ClientMessages.Release(channel.Name));
                }
            }
        }
    }

    /// <summary>Ends the client: no call waits any longer for the cluster.</summary>
    public void Dispose()
    {
        watch.Dispose();
        lock (mutex)
        {
            connection = null;
            foreach (var channel in channels.Values.ToList())
            {
                End(channel);
            }
        }
    }

    private void StopWaiting(LockChannel channel)
    {
        lock (mutex)
        {
            channel.Over?.Succeed(false);
        }
    }

    private void Cancel(LockChannel channel)
    {
        switch (channel.Phase)
        {
            case Phase.Asking when channel.SentOn == 0:
                End(channel);
                break;
            case Phase.Asking:
                channel.IsCancelled = true;
                break;
            case Phase.Enqueued or Phase.Unproven or Phase.Held:
                BeginRelease(channel);
                break;
        }
    }

    private void BeginRelease(LockChannel channel)
    {
        NoLongerHeld(channel);
        channel.Phase = Phase.Releasing;
        channel.Downgrading?.Fail(new LockLostException("The lock was released."));
        channel.Downgrading = null;
        connection?.Send(ClientMessages.Release(channel.Name));
    }

    private void End(LockChannel channel)
    {
        NoLongerHeld(channel);
        channel.Phase = Phase.Ended;
        channel.Downgrading?.Fail(
            new LockLostException("The lock was lost.", channel.Held?.LossCause ?? LockLossCause.None)
        );
        channel.OverLimit?.Dispose();
        channel.Over?.Succeed(true);
        channels.Remove(channel.Name);
        freeNames.Push(channel.Name);
        if (channels.Count == 0)
        {
            idle?.TrySetResult();
        }
    }

    private void NoLongerHeld(LockChannel channel)
    {
        if (channel.Phase == Phase.Held)
        {
            Telemetry.Holding(side, -1);
        }
    }
}
