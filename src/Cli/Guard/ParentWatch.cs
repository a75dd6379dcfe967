// Whether raftlocks, the guard's parent, is stopped by a signal: then it notices nothing, not that the lock is lost,
// not that it is revoked.
using System.Diagnostics;
using System.Globalization;

namespace RaftLocks.Cli.Guard;

/// <summary>Looks at the parent of this process now and then.</summary>
/// <param name="bound">How long it may be stopped.</param>
internal sealed class ParentWatch(TimeSpan bound)
{
    /// <summary>How often to look.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly int parent = ParentOfThis();
    private TimeSpan stopped;
    private long lookedAt = Stopwatch.GetTimestamp();

    /// <summary>Whether it is stopped now.</summary>
    public bool IsStopped => ProcessTree.IsStopped(parent);

    /// <summary>Whether it has been stopped for longer than it may.</summary>
    public bool IsStoppedTooLong()
    {
        var since = Stopwatch.GetElapsedTime(lookedAt);
        if (since < Every / 2)
        {
            return false;
        }

        // The time in which this process did not run either does not count.
        lookedAt = Stopwatch.GetTimestamp();
        stopped = IsStopped ? stopped + (since < Every * 2 ? since : Every) : TimeSpan.Zero;
        return stopped > bound;
    }

    private static int ParentOfThis() =>
        int.TryParse(
            File.ReadLines("/proc/self/status")
                .FirstOrDefault(line => line.StartsWith("PPid:", StringComparison.Ordinal))
                ?[5..],
            NumberStyles.AllowLeadingWhite,
            CultureInfo.InvariantCulture,
            out var parent
        )
            ? parent
            : 0;
}
