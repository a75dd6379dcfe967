// How often a client pings, and how long it waits before it tries again, derived from the abandon timeout: whatever that is,
// a failover must leave time to come back within it.
namespace RaftLocks.Client.Sessions;

/// <summary>The times of a session.</summary>
internal sealed class Pace(TimeSpan abandonTimeout)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Between two pings: less than a third of the abandon timeout.</summary>
    public TimeSpan PingInterval { get; } = Least(abandonTimeout / 4, TimeSpan.FromSeconds(5));

    /// <summary>A connection on which a ping stays unanswered for so long is given up for another.</summary>
    public TimeSpan PongPatience { get; } = Least(abandonTimeout / 3, TimeSpan.FromSeconds(10));

    /// <summary>For a handshake and the resume messages.</summary>
    public TimeSpan ConnectPatience { get; } = Least(abandonTimeout / 3, TimeSpan.FromSeconds(5));

    private TimeSpan LongestPause { get; } = Least(abandonTimeout / 10, TimeSpan.FromSeconds(2));

    /// <summary>The pause after a number of attempts in vain: doubled each time, the upper half of it by chance, so that a thousand clients don't come back as one.</summary>
    public TimeSpan PauseAfter(int failures, Random random)
    {
        var whole = Least(FirstPause * Math.Pow(2, Math.Min(failures, 20)), LongestPause);
        return whole * (0.5 + (random.NextDouble() / 2));
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
