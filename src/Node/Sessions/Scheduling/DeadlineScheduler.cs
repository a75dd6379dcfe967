// When the leader is to act by itself: one queue ordered by time and one timer, on the monotonic clock. What is
// cancelled stays in the queue until its time, or until half of the queue is such; so neither costs more than a few
// steps.
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Sessions.Scheduling;

/// <summary>Hands over each command when its time has come, never earlier.</summary>
internal sealed class DeadlineScheduler : IDisposable
{
    private const int FewCancelled = 64;

    // The longest that the framework's timers can wait is about 49 days; an early wake merely looks again.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly OrderedLock gate = new(LockRank.Leaf);
    private readonly TimeProvider time;
    private readonly Action<ScheduledCommand> due;
    private readonly ITimer timer;
    private PriorityQueue<ScheduledCommand, long> queue = new();
    private int cancelled;
    private long armedFor = long.MaxValue;
    private bool stopped;

    public DeadlineScheduler(TimeProvider time, Action<ScheduledCommand> due)
    {
        this.time = time;
        this.due = due;
        timer = time.CreateTimer(
            static self => ((DeadlineScheduler)self!).Fire(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>How many wait, cancelled ones included.</summary>
    public int Count
    {
        get
        {
            using (gate.Enter())
            {
                return queue.Count;
            }
        }
    }

    /// <summary>
    /// Hands a command over when its time has come; if that has come already, now. One that was cancelled before is
    /// never handed over.
    /// </summary>
    public void Add(ScheduledCommand command)
    {
        var deadline = command.Deadline;
        var at = deadline.Since + (long)Math.Ceiling(deadline.AfterMs * (time.TimestampFrequency / 1000.0));
        using (gate.Enter())
        {
            if (stopped || command.Schedule == ScheduleState.Over)
            {
                return;
            }

            if (at > time.GetTimestamp())
            {
                command.Schedule = ScheduleState.Waiting;
                queue.Enqueue(command, at);
                Arm();
                return;
            }

            command.Schedule = ScheduleState.Over;
        }

        due(command);
    }

    /// <summary>
    /// Its time will not come. Too late if it has: <see cref="ScheduledCommand.TryBegin"/> and the log decide then.
    /// </summary>
    public void Cancel(ScheduledCommand command)
    {
        using (gate.Enter())
        {
            var waited = command.Schedule == ScheduleState.Waiting;
            command.Schedule = ScheduleState.Over;
            if (waited && ++cancelled > FewCancelled && cancelled > queue.Count / 2)
            {
                queue = new PriorityQueue<ScheduledCommand, long>(
                    queue.UnorderedItems.Where(static item => item.Element.Schedule == ScheduleState.Waiting)
                );
                cancelled = 0;
            }
        }
    }

    /// <summary>Nothing is handed over any more.</summary>
    public void Dispose()
    {
        using (gate.Enter())
        {
            stopped = true;
            queue.Clear();
        }

        timer.Dispose();
    }

    private void Fire()
    {
        using (gate.Enter())
        {
            armedFor = long.MaxValue;
            var now = time.GetTimestamp();
            while (
                !stopped
                && queue.TryPeek(out var command, out var at)
                && (at <= now || command.Schedule == ScheduleState.Over)
            )
            {
                queue.Dequeue();
                if (command.Schedule == ScheduleState.Waiting)
                {
                    command.Schedule = ScheduleState.Over;
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

        // The machine may have stood still since the timer's last look: what became due meanwhile is due now, and no
        // timer waits for less than nothing.
        var wholeMs = TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds)));
        timer.Change(wholeMs < LongestWait ? wholeMs : LongestWait, Timeout.InfiniteTimeSpan);
    }
}
