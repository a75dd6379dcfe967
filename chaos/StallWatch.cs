// Whether this process runs at all: a machine that stands still, or has too much to do, grants no locks either.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Workload;

namespace RaftLocks.Chaos;

/// <summary>Notes when it was not scheduled.</summary>
internal sealed class StallWatch(Clock clock)
{
    private const double LateMs = 500;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    private readonly List<Stall> stalls = [];

    /// <summary>The stalls so far; to be read when it has ended.</summary>
    public IReadOnlyList<Stall> Stalls => stalls;

    /// <summary>Watches, on a thread of its own: the pool may be busy with other things.</summary>
    public Task RunAsync(CancellationToken stop) =>
        Task.Factory.StartNew(
            () =>
            {
                for (var last = clock.Now; !stop.WaitHandle.WaitOne(Every);)
                {
                    var now = clock.Now;
                    if (now - last > LateMs)
                    {
                        stalls.Add(new Stall(last, now));
                    }

                    last = now;
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
}
