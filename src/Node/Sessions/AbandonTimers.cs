// When orphaned locks are to be abandoned: one queue ordered by time and one timer, on the monotonic clock.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>Calls back for each request when its time has come, never earlier.</summary>
internal sealed class AbandonTimers : IDisposable
{
    // The longest that the framework's timers can wait is about 49 days; an early wake merely looks again.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly PriorityQueue<LockRequest, long> queue = new();
    private readonly TimeProvider time;
    private readonly Action<LockRequest> due;
    private readonly ITimer timer;
    private long armedFor = long.MaxValue;
    private bool stopped;

    public AbandonTimers(TimeProvider time, Action<LockRequest> due)
    {
        this.time = time;
        this.due = due;
        timer = time.CreateTimer(static self => ((AbandonTimers)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Calls back when so much time has passed since a reading of the clock; if it has passed already, now.</summary>
    public void Add(LockRequest request, long since, long timeoutMs)
    {
        var at = since + (long)Math.Ceiling(timeoutMs * (time.TimestampFrequency / 1000.0));
        if (at > time.GetTimestamp())
        {
            lock (gate)
            {
                if (!stopped)
                {
                    queue.Enqueue(request, at);
                    Arm();
                }
            }
        }
        else if (!Volatile.Read(ref stopped))
        {
            due(request);
        }
    }

    /// <summary>Nothing is called back any more.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopped = true;
            queue.Clear();
        }

        timer.Dispose();
    }

    private void Fire()
    {
        lock (gate)
        {
            armedFor = long.MaxValue;
            var now = time.GetTimestamp();
            while (!stopped && queue.TryPeek(out var request, out var at) && at <= now)
            {
                queue.Dequeue();
                due(request);
            }

            Arm();
        }
    }

    private void Arm()
    {
        if (stopped || !queue.TryPeek(out _, out var at) || at >= armedFor)
        {
            return;
        }

        armedFor = at;
        var wait = time.GetElapsedTime(time.GetTimestamp(), at);
        var wholeMs = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        timer.Change(wholeMs < LongestWait ? wholeMs : LongestWait, Timeout.InfiniteTimeSpan);
    }
}
