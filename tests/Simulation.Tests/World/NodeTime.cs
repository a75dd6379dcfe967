// A node's clocks: the monotonic one is the simulation's, the wall clock can be set. Timers are steps of the node's
// thread.
namespace RaftLocks.Simulation.World;

/// <summary>The clocks of one node.</summary>
internal sealed class NodeTime(VirtualClock clock, NodeThread thread) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>By how much the wall clock is wrong.</summary>
    public TimeSpan WallClockError { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() => clock.Now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Start + TimeSpan.FromTicks(clock.Now) + WallClockError;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(clock, thread, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimulatedTimer(VirtualClock clock, NodeThread thread, TimerCallback callback, object? state)
        : ITimer
    {
        private int version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++version;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                clock.At(
                    clock.Now + dueTime.Ticks,
                    () =>
                        thread.Post(() =>
                        {
                            if (mine == version)
                            {
                                callback(state);
                            }
                        })
                );
            }

            return true;
        }

        public void Dispose() => version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
