// How often a client pings, and how long it waits before it tries again, derived from the abandon timeout: whatever it
// is, a failover must leave time to come back within it.
namespace RaftLocks.Client.Sessions;

/// <summary>The times of a session.</summary>
internal sealed class SessionTimings(TimeSpan abandonTimeout)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Between two pings: less than a third of the abandon timeout.</summary>
    public TimeSpan PingInterval { get; } = Least(abandonTimeout / 4, TimeSpan.FromSeconds(2.5));

    /// <summary>A connection on which a ping stays unanswered for so long is given up for another. The others replace
    /// a frozen leader within three seconds; whoever is connected to it notices after five to seven and a half.
    /// </summary>
    public TimeSpan PongTimeout { get; } = Least(abandonTimeout / 3, TimeSpan.FromSeconds(5));

    /// <summary>The timeout of a handshake: after it the next node is tried.</summary>
    public TimeSpan ConnectTimeout { get; } = Least(abandonTimeout / 3, TimeSpan.FromSeconds(3));

    /// <summary>The timeout for the resume messages, before which the leader may have to wait for the outcome of
    /// commands.</summary>
    public TimeSpan ResumeTimeout { get; } = Least(abandonTimeout / 3, TimeSpan.FromSeconds(5));

    private TimeSpan LongestPause { get; } = Least(abandonTimeout / 10, TimeSpan.FromSeconds(2));

    /// <summary>
    /// The pause after a number of attempts without success: doubled each time, with jitter of one half, so that a
    /// thousand clients don't come back as one.
    /// </summary>
    public TimeSpan PauseAfter(int failures, Random random)
    {
        var whole = Least(FirstPause * Math.Pow(2, Math.Min(failures, 20)), LongestPause);
        return whole * (0.5 + (random.NextDouble() / 2));
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
