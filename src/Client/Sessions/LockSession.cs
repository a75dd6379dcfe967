// All locks of a client: what callers want, and what the cluster has said about it. One mutex guards it; nothing is awaited within.
// What arrives from the cluster is in LockSession.Replies.cs, what happens after a reconnect in LockSession.Resume.cs, what the clock
// takes away in LockSession.Loss.cs.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

/// <summary>The locks of one client.</summary>
internal sealed partial class LockSession : IDisposable
{
    private readonly Lock mutex = new();
    private readonly RaftLocksOptions options;
    private readonly TimeProvider clock;
    private readonly Lease lease;
    private readonly ITimer watch;
    private readonly Dictionary<string, LockChannel> channels = new(StringComparer.Ordinal);
    private readonly Stack<string> freeNames = new();
    private TaskCompletionSource needed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? idle;
    private RaftLocksException? fault;
    private string lastProblem = "no node was asked yet";
    private bool isDisposed;
    private bool isWatching;
    private long lastNumber;
    private Link? link;

    public LockSession(RaftLocksOptions options, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        lease = new Lease(clock, options.AbandonTimeout, options.Margin);
        watch = clock.CreateTimer(_ => Watch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the cluster serves this client at the moment.</summary>
    public bool IsConnected => link is not null;

    /// <summary>Whether the last attempt to reach the cluster failed, or its connection broke.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>What went wrong last on the way to the cluster.</summary>
    public string LastProblem => lastProblem;

    /// <summary>Asks for a lock.</summary>
    public LockChannel Ask(IReadOnlyList<LockResource> resources, string? label, Patience patience, IProgress<LockProgress>? progress)
    {
        lock (mutex)
        {
            ObjectDisposedException.ThrowIf(isDisposed, typeof(RaftLocksClient));
            if (fault is not null)
            {
                throw fault;
            }

            if (channels.Count >= options.MaxLocks)
            {
                throw new RaftLocksException($"This client holds and awaits {channels.Count} locks already (MaxLocks). Release some, or use another client.");
            }

            var number = ++lastNumber;
            var name = freeNames.TryPop(out var free) ? free : LockChannel.MarkOf(channels.Count + 1);
            var channel = new LockChannel(name, number, resources, label, patience, progress);

            // A later one would be no longer.
            var message = channel.Message();
            if (message.Length > ClientMessages.MaxBytes)
            {
                freeNames.Push(name);
                throw new ArgumentException($"These resources make a message of {message.Length} bytes; {ClientMessages.MaxBytes} are allowed.", nameof(resources));
            }

            channels.Add(name, channel);
            SendLock(channel, message);
            needed.TrySetResult();
            return channel;
        }
    }

    /// <summary>Whether the cluster counts the lock's wait as its caller does: it was asked for on the connection that stands.</summary>
    public bool IsWithCluster(LockChannel channel)
    {
        lock (mutex)
        {
            return link is not null && channel.SentOn == link.Number;
        }
    }

    /// <summary>Gives up waiting for a lock, unless it has been answered already.</summary>
    public void GiveUp(LockChannel channel, Action<TaskCompletionSource<HeldLock?>> answer)
    {
        lock (mutex)
        {
            if (channel.Answer.Task.IsCompleted)
            {
                return;
            }

            answer(channel.Answer);
            Unwant(channel);
        }
    }

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

    /// <summary>Gives a held lock back and waits a while for the cluster to confirm it.</summary>
    public async ValueTask ReleaseAsync(LockChannel channel, HeldLock held)
    {
        Release(channel, held);
        if (held.WasLost || channel.Over.Task.IsCompleted || options.ReleaseTimeout == TimeSpan.Zero)
        {
            return;
        }

        try
        {
            await channel.Over.Task.WaitAsync(options.ReleaseTimeout, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The session goes on trying for as long as the client lives; after that the abandon timeout ends the lock.
        }
    }

    /// <summary>Turns the writes of a held lock into reads.</summary>
    public Task Downgrade(LockChannel channel, HeldLock held)
    {
        lock (mutex)
        {
            LoseWhatHasExpired();
            if (channel.Phase != Phase.Held)
            {
                throw new LockLostException(held.LossReason is { } reason ? $"The lock is lost: {reason}." : "The lock is released already.");
            }

            if (channel.Downgrading is null)
            {
                channel.Downgrading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                link?.Send(ClientMessages.Downgrade(channel.Name));
            }

            return channel.Downgrading.Task;
        }
    }

    /// <summary>Completes when there is something to do that needs a connection.</summary>
    public Task WhenNeeded()
    {
        lock (mutex)
        {
            if (channels.Count > 0)
            {
                return Task.CompletedTask;
            }

            if (needed.Task.IsCompleted)
            {
                needed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return needed.Task;
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
                    channel.Held?.Lose("the client was disposed");
                    channel.Answer.TrySetException(new ObjectDisposedException(nameof(RaftLocksClient)));
                    Unwant(channel);
                }
            }

            if (channels.Count == 0)
            {
                idle.TrySetResult();
            }

            return idle.Task;
        }
    }

    public void Dispose() => watch.Dispose();

    private void Unwant(LockChannel channel)
    {
        switch (channel.Phase)
        {
            case Phase.Asking when channel.SentOn == 0:
                End(channel);
                break;
            case Phase.Asking:
                channel.IsUnwanted = true;
                break;
            case Phase.Enqueued or Phase.Unproven or Phase.Held:
                BeginRelease(channel);
                break;
        }
    }

    private void SendLock(LockChannel channel, byte[] message)
    {
        if (link is not null)
        {
            channel.SentOn = link.Number;
            link.Send(message);
        }
    }

    private void BeginRelease(LockChannel channel)
    {
        NoLongerHeld(channel);
        channel.Phase = Phase.Releasing;
        channel.Downgrading?.TrySetException(new LockLostException("The lock was released."));
        channel.Downgrading = null;
        link?.Send(ClientMessages.Release(channel.Name));
    }

    private void End(LockChannel channel)
    {
        NoLongerHeld(channel);
        channel.Phase = Phase.Ended;
        channel.Downgrading?.TrySetException(new LockLostException("The lock was lost."));
        channel.Over.TrySetResult();
        channels.Remove(channel.Name);
        freeNames.Push(channel.Name);
        if (channels.Count == 0)
        {
            idle?.TrySetResult();
        }
    }

    private static void NoLongerHeld(LockChannel channel)
    {
        if (channel.Phase == Phase.Held)
        {
            Telemetry.Holding(-1);
        }
    }
}
