// How long one caller wants to wait for its lock, counted from its call. What is left of it is what the cluster is
// told, whenever the lock's message is sent.
namespace RaftLocks.Client.Sessions;

/// <summary>A caller's time limit and how much of it is left.</summary>
/// <param name="clock">The clock.</param>
/// <param name="limit">Zero for a lock that is free now or not wanted; infinite for as long as it takes.</param>
internal sealed class CallTimeout(TimeProvider clock, TimeSpan limit)
{
    private static readonly TimeSpan LongestOfCluster = TimeSpan.FromDays(7);

    private readonly long startedAt = clock.GetTimestamp();

    public TimeSpan Limit => limit;

    /// <summary>Whether it never waits in the queue.</summary>
    public bool IsTry => limit == TimeSpan.Zero;

    /// <summary>Whether it ends at all.</summary>
    public bool IsFinite => limit != Timeout.InfiniteTimeSpan;

    public TimeSpan Elapsed => clock.GetElapsedTime(startedAt);

    /// <summary>
    /// The wait limit that the cluster is to keep: null for none, 0 for a try. Never 0 for a wait whose end is just
    /// reached: it was none.
    /// </summary>
    /// <remarks>Also null for a wait that is longer than the cluster counts: the client's own clock ends it.</remarks>
    public long? WaitTimeoutMs =>
        IsTry ? 0
        : !IsFinite || limit - Elapsed > LongestOfCluster ? null
        : Math.Max(1, (long)Math.Ceiling((limit - Elapsed).TotalMilliseconds));
}
