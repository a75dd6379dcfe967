// The clock goes on while a timer is being armed: on a machine that stands still for a while, far.
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Sessions;

public class DeadlineSchedulerTests
{
    [Fact]
    public void What_becomes_due_while_it_is_armed_is_due_at_once()
    {
        var time = new SlippingTime();
        var due = new List<ScheduledCommand>();
        using var timers = new DeadlineScheduler(time, due.Add);

        timers.Add(new Nothing { Deadline = new Deadline(Since: 0, AfterMs: 1_000) });

        Assert.Equal([TimeSpan.Zero], time.Waits);
        time.Fire();
        Assert.Single(due);
    }

    private sealed class Nothing : ScheduledCommand
    {
        public override void WriteTo(EntryWriter writer) { }

        public override void OnApplied(in LockEvent reply) { }
    }

    /// <summary>Each reading is a minute after the one before.</summary>
    private sealed class SlippingTime : TimeProvider
    {
        private long now = -TimeSpan.TicksPerMinute;
        private Action fire = () => { };

        public List<TimeSpan> Waits { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now += TimeSpan.TicksPerMinute;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            fire = () => callback(state);
            return new Timer(this);
        }

        public void Fire() => fire();

        private sealed class Timer(SlippingTime time) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
                time.Waits.Add(dueTime);
                return true;
            }

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
