// The timers of all clients, on a thread of their own. The runtime's timers run their callbacks on the thread pool:
// where all of its threads are blocked by callers that wait for locks, what would end their waits would stand in the
// queue behind them. Only code of this library runs here, and it never blocks for long.
using System.Diagnostics;

namespace RaftLocks.Client.Sessions;

/// <summary>A thread that runs timers, started by the first of them.</summary>
internal sealed class TimerThread
{
    private readonly object gate = new();
    private readonly PriorityQueue<DueTimer, long> due = new();
    private bool isStarted;

    /// <summary>The one thread of this process.</summary>
    public static TimerThread Shared { get; } = new();

    /// <summary>Makes a timer, as <see cref="TimeProvider.CreateTimer"/> does.</summary>
    public ITimer Create(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new DueTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private void Run()
    {
        while (true)
        {
            DueTimer timer;
            lock (gate)
            {
                timer = Next();
            }

            try
            {
                timer.Callback(timer.State);
            }
            catch (Exception e)
            {
                // The other timers continue.
                Trace.TraceError($"A timer of RaftLocks.Client failed: {e}");
            }
        }
    }

    /// <summary>Waits for the next timer that is due and takes it.</summary>
    private DueTimer Next()
    {
        while (true)
        {
            if (!due.TryPeek(out var timer, out var at))
            {
                Monitor.Wait(gate);
            }
            else if (at != timer.DueAt)
            {
                // It was changed or disposed of; where it is wanted later it has another place.
                due.Dequeue();
            }
            else if (at - Stopwatch.GetTimestamp() is > 0 and var left)
            {
                Monitor.Wait(gate, (int)Math.Min(int.MaxValue, (left * 1000 / Stopwatch.Frequency) + 1));
            }
            else
            {
                due.Dequeue();
                timer.DueAt = null;
                if (timer.Period > 0)
                {
                    Schedule(timer, timer.Period);
                }

                return timer;
            }
        }
    }

    private void Schedule(DueTimer timer, long after)
    {
        var at = Stopwatch.GetTimestamp() + after;
        timer.DueAt = at;
        due.Enqueue(timer, at);
        if (!isStarted)
        {
            isStarted = true;
            new Thread(Run) { IsBackground = true, Name = "RaftLocks timers" }.UnsafeStart();
        }
        else if (ReferenceEquals(due.Peek(), timer))
        {
            Monitor.Pulse(gate);
        }
    }

    // A timer that is changed or disposed of leaves its place behind until that is due, or until most places are such.
    private void Forget()
    {
        const int Few = 64;
        if (++forgotten > Few && forgotten > due.Count / 2)
        {
            forgotten = 0;
            var wanted = due.UnorderedItems.Where(item => item.Element.DueAt == item.Priority).ToList();
            due.Clear();
            due.EnqueueRange(wanted);
        }
    }

    private int forgotten;

    private sealed class DueTimer(TimerThread thread, TimerCallback callback, object? state) : ITimer
    {
        public TimerCallback Callback => callback;

        public object? State => state;

        public long? DueAt { get; set; }

        public long Period { get; private set; }

        private bool isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (thread.gate)
            {
                if (isDisposed)
                {
                    return false;
                }

                Unschedule();
                Period = period > TimeSpan.Zero ? Ticks(period) : 0;
                if (dueTime >= TimeSpan.Zero)
                {
                    thread.Schedule(this, Ticks(dueTime));
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (thread.gate)
            {
                isDisposed = true;
                Period = 0;
                Unschedule();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Unschedule()
        {
            if (DueAt is not null)
            {
                DueAt = null;
                thread.Forget();
            }
        }
    }
}
