// All locks of a client: what callers want, and what the cluster has said about it. One mutex guards it; nothing is
// awaited and no code of the application runs within. What arrives from the cluster is in LockSession.Replies.cs,
// whether it can be true in LockSession.Checks.cs, what happens after a reconnect in LockSession.Resume.cs, what a
// close blames a lock for in LockSession.FailPending.cs, what the clock takes away in LockSession.Loss.cs, how locks
// are given back in LockSession.Release.cs.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

/// <summary>The locks of one client.</summary>
internal sealed partial class LockSession : IDisposable
{
    private readonly Lock mutex = new();
    private readonly RaftLocksOptions options;
    private readonly TimeProvider clock;
    private readonly SideWork side;
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
    private Connection? connection;

    /// <summary>The greatest id of a lock that was asked for on this connection.</summary>
    private ulong greatestId;

    public LockSession(RaftLocksOptions options, TimeProvider clock, SideWork side)
    {
        this.options = options;
        this.clock = clock;
        this.side = side;
        lease = new Lease(clock, options.AbandonTimeout, options.Margin);
        watch = clock.CreateTimer(_ => Watch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the cluster serves this client at the moment.</summary>
    public bool IsConnected => connection is not null;

    /// <summary>Whether the last attempt to reach the cluster failed, or its connection broke.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>The last problem on the way to the cluster.</summary>
    public string LastProblem => lastProblem;

    /// <summary>Asks for a lock. What the state of this client forbids is the answer's exception.</summary>
    /// <exception cref="ArgumentException">The resources make too long a message.</exception>
    public Task<IHeldLock?> Ask(LockRequest request, CancellationToken token)
    {
        lock (mutex)
        {
            var number = lastNumber + 1;
            var name = freeNames.TryPop(out var free) ? free : LockChannel.RefOf(channels.Count + 1);
            var channel = new LockChannel(name, number, request, side);

            // A later one would be no longer.
            var message = channel.Message();
            var refusal = WhyNot();
            if (refusal is not null || message.Length > ClientMessages.MaxBytes)
            {
                freeNames.Push(name);
                channel.Fail(
                    refusal
                        ?? throw new ArgumentException(
                            $"These resources make a message of {message.Length} bytes; {ClientMessages.MaxBytes} "
                                + "are allowed.",
                            nameof(request)
                        )
                );
                return channel.Answer;
            }

            lastNumber = number;
            channels.Add(name, channel);
            SendLock(channel, message);
            channel.Limit = new WaitLimit(this, channel, clock, options.ReachTimeout);
            channel.Cancellation = token.UnsafeRegister(_ => GiveUp(channel, given => given.Cancel(token)), null);
            needed.TrySetResult();
            return channel.Answer;
        }
    }

    /// <summary>
    /// Whether the cluster counts the lock's wait as its caller does: it was requested on the current connection.
    /// </summary>
    public bool IsWithCluster(LockChannel channel)
    {
        lock (mutex)
        {
            return connection is not null && channel.SentOn == connection.Number;
        }
    }

    /// <summary>Cancels the wait for a lock, unless it has been answered already.</summary>
    public void GiveUp(LockChannel channel, Action<LockChannel> answer)
    {
        lock (mutex)
        {
            if (!channel.IsAnswered)
            {
                answer(channel);
                Cancel(channel);
            }
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
                return Task.FromException(
                    new LockLostException(
                        held.LossReason is { } reason
                            ? $"The lock is lost: {reason}."
                            : "The lock is released already.",
                        held.LossCause
                    )
                );
            }

            if (channel.Downgrading is null)
            {
                channel.Downgrading = new Completion<bool>();
                connection?.Send(ClientMessages.Downgrade(channel.Name));
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

    /// <summary>Why nothing can be asked for now.</summary>
    private Exception? WhyNot() =>
        isDisposed ? new ObjectDisposedException(nameof(RaftLocksClient))
        : fault is not null ? fault
        : channels.Count >= options.MaxLocks
            ? new LockRefusedException(
                $"This client holds and awaits {channels.Count} locks already (MaxLocks). Release some, or use "
                    + "another client.",
                RefusalReason.ClientLimit
            )
        : null;

    private void SendLock(LockChannel channel, byte[] message)
    {
        if (connection is not null)
        {
            channel.SentOn = connection.Number;
            channel.SentAfter = greatestId;
            connection.Send(message);
        }
    }
}
