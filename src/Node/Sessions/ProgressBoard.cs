// Who wants to hear of its place in line. Once a second the places of some hundred waiters are looked up, one after the other, so that the log is not
// held up; whose place has changed is told. While nobody listens there is no timer.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>A waiter's place in line.</summary>
/// <param name="Place">1 for who is next; 0 for who does not wait.</param>
/// <param name="Blocker">Who stands in its way first.</param>
/// <param name="BlockerHolds">Whether that one is granted.</param>
internal readonly record struct PlaceInLine(int Place, LockRequest? Blocker, bool BlockerHolds)
{
    /// <summary>Looks it up, while the state stands still.</summary>
    public static PlaceInLine Of(LockStateMachine state, LockRequest waiter)
    {
        var blocker = state.FirstBlockerOf(waiter);
        return new PlaceInLine(state.PlaceOf(waiter), blocker, blocker?.IsAcquired ?? false);
    }
}

/// <summary>Tells waiters of their places.</summary>
internal sealed class ProgressBoard : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(Settings.Limits.ProgressIntervalMs);

    private readonly Lock gate = new();
    private readonly Queue<Watch> watches = new();
    private readonly TimeProvider time;
    private readonly Func<LockRequest, PlaceInLine> look;
    private readonly ITimer timer;
    private bool isArmed;
    private bool stopped;

    public ProgressBoard(TimeProvider time, Func<LockRequest, PlaceInLine> look)
    {
        this.time = time;
        this.look = look;
        timer = time.CreateTimer(static self => ((ProgressBoard)self!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many are looked after.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return watches.Count;
            }
        }
    }

    /// <summary>A request has begun to wait, and its session wants to hear of it.</summary>
    public void Add(SessionChannel channel, LockRequest request)
    {
        lock (gate)
        {
            watches.Enqueue(new Watch(channel, request));
            Arm();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
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
        var left = Math.Min(Count, Settings.Limits.MaxProgressLooks);
        while (left-- > 0 && TryNext(out var watch))
        {
            if (watch.Look(look, nowMs))
            {
                lock (gate)
                {
                    watches.Enqueue(watch);
                }
            }
        }

        lock (gate)
        {
            isArmed = false;
            Arm();
        }
    }

    private bool TryNext(out Watch watch)
    {
        lock (gate)
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
        private PlaceInLine told;

        /// <summary>False if there is nothing to look for any more.</summary>
        public bool Look(Func<LockRequest, PlaceInLine> look, long nowMs)
        {
            if (!channel.Session.TellProgress(channel, request, changed: null, nowMs))
            {
                return false;
            }

            var now = look(request);
            if (now.Place == 0)
            {
                return false;
            }

            if (now == told)
            {
                return true;
            }

            told = now;
            return channel.Session.TellProgress(channel, request, now, nowMs);
        }
    }
}
