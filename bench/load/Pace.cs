using System.Diagnostics;

namespace RaftLocks.Load;

// Full load is a client that begins its next cycle as soon as the last one has ended. Half load is a schedule that is
// kept whatever the server does: a cycle that is late does not move those after it.

/// <summary>When one of several clients is to begin its cycles.</summary>
/// <param name="cyclesPerSecond">The rate of all clients together; 0 for as fast as they can.</param>
/// <param name="clients">How many there are.</param>
/// <param name="number">Which one of them this is, from 0.</param>
internal sealed class Pace(double cyclesPerSecond, int clients, int number)
{
    private readonly double periodMs = cyclesPerSecond == 0 ? 0 : 1_000 * clients / cyclesPerSecond;
    private long startedAt;
    private long begun;

    /// <summary>Returns when the next cycle is due; at once if it is late.</summary>
    public Task DueAsync(CancellationToken token)
    {
        if (periodMs == 0)
        {
            return Task.CompletedTask;
        }

        if (startedAt == 0)
        {
            startedAt = Stopwatch.GetTimestamp();
        }

        // Spread over the period, so that the clients do not all come at once.
        var dueMs = periodMs * (begun++ + ((double)number / clients));
        var wait = dueMs - Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds;
        return wait < 1 ? Task.CompletedTask : Task.Delay(TimeSpan.FromMilliseconds(wait), token);
    }
}
