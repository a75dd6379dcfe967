using System.Diagnostics;

namespace RaftLocks.Cluster;

// Waits for a condition with a bound, by looking again and again. What is waited for is named, so that
// a time-out says what did not happen instead of "timeout".

/// <summary>Waiting for conditions.</summary>
public static class Eventually
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(10);

    /// <summary>Looks until <paramref name="look"/> finds something, and returns it.</summary>
    public static async Task<T> FindAsync<T>(string what, TimeSpan bound, Func<Task<T?>> look)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            if (clock.Elapsed > bound)
            {
                throw new TimeoutException($"Waited {clock.Elapsed.TotalSeconds:F1} s for: {what}");
            }

            await Task.Delay(LookAgainAfter);
        }
    }

    /// <summary>Looks until <paramref name="holds"/> says true.</summary>
    public static Task HoldsAsync(string what, TimeSpan bound, Func<Task<bool>> holds) =>
        FindAsync(what, bound, async () => await holds() ? what : null);
}
