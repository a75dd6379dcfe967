// Who wants to hear of its position in the queue. Once a second the positions of some hundred waiters are looked up,
// one after the other, so that the log is not held up; a position that has changed is sent. While nobody listens there
// is no timer.
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Sessions.Scheduling;

/// <summary>A waiter's position in the queue.</summary>
/// <param name="Position">1 for who is next; 0 for who does not wait.</param>
/// <param name="Blocker">Who stands in its way first.</param>
/// <param name="BlockerHolds">Whether that one is acquired.</param>
internal readonly record struct QueuePosition(int Position, LockRequest? Blocker, bool BlockerHolds)
{
    /// <summary>Looks it up, while the state stands still.</summary>
    public static QueuePosition Of(LockStateMachine state, LockRequest waiter)
    {
        var blocker = state.FirstBlockerOf(waiter);
        return new QueuePosition(state.PositionOf(waiter), blocker, blocker?.IsAcquired ?? false);
    }
}

/// <summary>Tells waiters of their positions.</summary>
internal sealed class QueuePositionNotifier : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(Limits.ProgressIntervalMs);

    private readonly OrderedLock gate = new(LockRank.Leaf);
    private readonly Queue<Watch> watches = new();
    private readonly TimeProvider time;
    private readonly Func<LockRequest, QueuePosition> look;
    private readonly ITimer timer;
    private bool isArmed;
    private bool stopped;

    public QueuePositionNotifier(TimeProvider time, Func<LockRequest, QueuePosition> look)
    {
        this.time = time;
        this.look = look;
        timer = time.CreateTimer(
            static self => ((QueuePositionNotifier)self!).Tick(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>How many are looked after.</summary>
    public int Count
    {
        get
        {
            using (gate.Enter())
            {
                return watches.Count;
            }
        }
    }

    /// <summary>A request has begun to wait, and its session wants to hear of it.</summary>
    public void Add(SessionChannel channel, LockRequest request)
    {
        using (gate.Enter())
        {
            watches.Enqueue(new Watch(channel, request));
            Arm();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using (gate.Enter())
        {
            stopped = true;
            watches.Clear();
        }

        timer.Dispose();
    }

    // The timer is armed anew at the end: ticks never overlap.
    private void Tick()
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var left = Math.Min(Count, Limits.MaxProgressLooks);
        while (left-- > 0 && TryNext(out var watch))
        {
            if (watch.Look(look, nowMs))
            {
                using (gate.Enter())
                {
                    watches.Enqueue(watch);
                }
            }
        }

        using (gate.Enter())
        {
            isArmed = false;
            Arm();
        }
    }

    private bool TryNext(out Watch watch)
    {
        using (gate.Enter())
        {
            return watches.TryDequeue(out watch!);
        }
    }

    private void Arm()
    {
        if (!stopped && !isArmed && watches.Count > 0)
        {
            isArmed = true;
            timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Watch(SessionChannel channel, LockRequest request)
    {
        private QueuePosition told;

        /// <summary>False if there is nothing to look for any more.</summary>
        public bool Look(Func<LockRequest, QueuePosition> look, long nowMs)
        {
            if (!channel.Session.NotifyPosition(channel, request, changed: null, nowMs))
            {
                return false;
            }

            var now = look(request);
            if (now.Position == 0)
            {
                return false;
            }

            if (now == told)
            {
                return true;
            }

            told = now;
            return channel.Session.NotifyPosition(channel, request, now, nowMs);
        }
    }
}
