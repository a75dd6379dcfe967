// One leadership of this node, from its first read barrier until it is lost. Every proposal belongs to one.
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Raft;

/// <summary>
/// Receives the changes of leadership and the acquired locks. Calls never overlap: all are made while the state stands
/// still.
/// </summary>
public interface ILeadershipListener
{
    /// <summary>Called when this node leads. No event is applied before this returns.</summary>
    void OnGained(Leadership leadership, IReadOnlyList<LockRequest> live);

    /// <summary>Called when this node no longer leads.</summary>
    void OnLost(Leadership leadership);

    /// <summary>Called when a request became acquired by the command of another client.</summary>
    void OnAcquired(LockRequest acquired);
}

/// <summary>A leadership: a term in which this very node was elected.</summary>
public sealed class Leadership : IDisposable
{
    private readonly CancellationTokenSource ended = new();
    private readonly TimeProvider time;
    private readonly TimeSpan lease;
    private readonly Lock renewalGate = new();
    private TaskCompletionSource? renewed;
    private long confirmedAt;
    private bool isOutcomeUnknown;
    private string? givenUp;
    private int featureLevel = 1;

    /// <summary>Begins a leadership that was confirmed just now.</summary>
    /// <param name="term">The term.</param>
    /// <param name="confirmedAt">Reading of the monotonic clock before a majority was asked.</param>
    /// <param name="options">Limits.</param>
    /// <param name="time">The clock.</param>
    public Leadership(long term, long confirmedAt, RaftNodeOptions options, TimeProvider time)
    {
        Term = term;
        Ended = ended.Token;
        this.time = time;
        this.confirmedAt = confirmedAt;
        lease = TimeSpan.FromMilliseconds(options.LeaseMs);
        Proposals = new FairQueue(options.ProposalQueueLength, options.Shares);
    }

    /// <summary>The term.</summary>
    public long Term { get; }

    /// <summary>A token that is cancelled when the leadership is lost.</summary>
    public CancellationToken Ended { get; }

    /// <summary>
    /// Whether a majority confirmed this leader recently: computed from clock readings at each call, so true of this
    /// very moment.
    /// </summary>
    public bool HasLease => !Ended.IsCancellationRequested && SinceConfirmed < lease;

    /// <summary>Commands of this feature level and below may be proposed. It only ever rises; 1 or more.</summary>
    public int FeatureLevel
    {
        get => Volatile.Read(ref featureLevel);
        internal set => Volatile.Write(ref featureLevel, value);
    }

    /// <summary>Why the leadership must end; null if it need not.</summary>
    internal string? GivenUp => Volatile.Read(ref givenUp);

    /// <summary>Whether it must end, because commands of it may or may not be applied.</summary>
    internal bool IsOutcomeUnknown => Volatile.Read(ref isOutcomeUnknown);

    internal TimeSpan SinceConfirmed => time.GetElapsedTime(Volatile.Read(ref confirmedAt));

    internal FairQueue Proposals { get; }

    /// <summary>Proposes now; false if there is no room or leadership is over.</summary>
    public bool TryPropose(PendingCommand command) => Proposals.TryAdd(command);

    /// <summary>
    /// Proposes as soon as there is room; false if leadership is over, and then the command hears nothing.
    /// </summary>
    public ValueTask<bool> ProposeAsync(PendingCommand command) => Proposals.AddAsync(command);

    /// <summary>Completes at once while there is a lease, else when it is renewed.</summary>
    /// <exception cref="OperationCanceledException">Leadership ended.</exception>
    public async ValueTask WaitForLeaseAsync()
    {
        while (!HasLease)
        {
            Ended.ThrowIfCancellationRequested();
            Task next;
            lock (renewalGate)
            {
                renewed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                next = renewed.Task;
            }

            // Looked at again, as it may have been renewed, or have ended, just before.
            if (!HasLease && !Ended.IsCancellationRequested)
            {
                await next;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => ended.Dispose();

    /// <summary>
    /// Renews the lease: a majority answered a request that was sent at this reading of the clock, or later.
    /// </summary>
    internal void Confirm(long askedAt)
    {
        long known;
        while (
            (known = Volatile.Read(ref confirmedAt)) < askedAt
            && Interlocked.CompareExchange(ref confirmedAt, askedAt, known) != known
        ) { }

        WakeWaiting();
    }

    internal void MarkOutcomeUnknown() => Volatile.Write(ref isOutcomeUnknown, true);

    /// <summary>Requests the end of the leadership, and says why.</summary>
    internal void GiveUp(string why) => Volatile.Write(ref givenUp, why);

    internal void End()
    {
        Proposals.Complete();
        ended.Cancel();
        WakeWaiting();
    }

    /// <summary>Tells those that were never proposed, after the end.</summary>
    internal void DropAll()
    {
        do
        {
            Proposals.BeginBatch();
            while (Proposals.TryTake(out var late))
            {
                late.OnDropped();
            }
        } while (Proposals.Count > 0);
    }

    private void WakeWaiting()
    {
        TaskCompletionSource? waiting;
        lock (renewalGate)
        {
            waiting = renewed;
            renewed = null;
        }

        waiting?.TrySetResult();
    }
}
