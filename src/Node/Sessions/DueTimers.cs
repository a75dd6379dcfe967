// When the leader is to act by itself: one queue ordered by time and one timer, on the monotonic clock. What is cancelled stays in the
// queue until its time, or until half of the queue is such; so neither costs more than a few steps.
namespace RaftLocks.Node.Sessions;

/// <summary>Hands over each command when its time has come, never earlier.</summary>
internal sealed class DueTimers : IDisposable
{
    private const int FewCancelled = 64;

    // The longest that the framework's timers can wait is about 49 days; an early wake merely looks again.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Action<DueCommand> due;
    private readonly ITimer timer;
    private PriorityQueue<DueCommand, long> queue = new();
    private int cancelled;
    private long armedFor = long.MaxValue;
    private bool stopped;

    public DueTimers(TimeProvider time, Action<DueCommand> due)
    {
        this.time = time;
        this.due = due;
        timer = time.CreateTimer(static self => ((DueTimers)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many wait, cancelled ones included.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return queue.Count;
            }
        }
    }

    /// <summary>Hands over when so much time has passed since a reading of the clock; if it has passed already, now.</summary>
    public void Add(DueCommand command, long since, long timeoutMs)
    {
        var at = since + (long)Math.Ceiling(timeoutMs * (time.TimestampFrequency / 1000.0));
        if (at > time.GetTimestamp())
        {
            lock (gate)
            {
                if (!stopped)
                {
                    command.IsTimed = true;
                    queue.Enqueue(command, at);
                    Arm();
                }
            }
        }
        else if (!Volatile.Read(ref stopped))
        {
            due(command);
        }
    }

    /// <summary>Its time will not come. Too late if it has: <see cref="DueCommand.TryBegin"/> and the log decide then.</summary>
    public void Cancel(DueCommand command)
    {
        lock (gate)
        {
            if (!command.IsTimed)
            {
                return;
            }

            command.IsTimed = false;
            if (++cancelled > FewCancelled && cancelled > queue.Count / 2)
            {
                queue = new PriorityQueue<DueCommand, long>(queue.UnorderedItems.Where(static item => item.Element.IsTimed));
                cancelled = 0;
            }
        }
    }

    /// <summary>Nothing is handed over any more.</summary>
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
            while (!stopped && queue.TryPeek(out var command, out var at) && (at <= now || !command.IsTimed))
            {
                queue.Dequeue();
                if (command.IsTimed)
                {
                    command.IsTimed = false;
                    due(command);
                }
                else
                {
                    cancelled--;
                }
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

        // The machine may have stood still since the timer's last look: what became due meanwhile is due now, and no timer waits for less than nothing.
        var wholeMs = TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds)));
        timer.Change(wholeMs < LongestWait ? wholeMs : LongestWait, Timeout.InfiniteTimeSpan);
    }
}
