// The monotonic clock that all times of a run are read from. It is the machine's, so other processes read the same when
// they are told its origin.
using System.Diagnostics;

namespace RaftLocks.Chaos.Workload;

/// <summary>The one clock of a run.</summary>
internal sealed class Clock
{
    private long start;

    /// <summary>A clock that begins now.</summary>
    public Clock()
        : this(Stopwatch.GetTimestamp()) { }

    /// <summary>The clock of another process of this machine.</summary>
    public Clock(long origin) => start = origin;

    /// <summary>The timestamp that is its zero.</summary>
    public long Origin => start;

    /// <summary>ms since the run began.</summary>
    public double Now => At(Stopwatch.GetTimestamp());

    /// <summary>The run begins now.</summary>
    public void Start() => start = Stopwatch.GetTimestamp();

    /// <summary>ms since the run began, of a timestamp.</summary>
    public double At(long timestamp) => Stopwatch.GetElapsedTime(start, timestamp).TotalMilliseconds;
}
