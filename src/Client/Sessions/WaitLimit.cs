// How long a caller waits: for any answer at first, then in line. The cluster is not told (except that it is a try): a wait that the
// client ends itself also ends while no node answers.
namespace RaftLocks.Client.Sessions;

/// <summary>Ends one request when its time is over.</summary>
internal sealed class WaitLimit : IDisposable
{
    private readonly LockSession session;
    private readonly LockChannel channel;
    private readonly TimeProvider clock;
    private readonly TimeSpan reach;
    private readonly TimeSpan timeout;
    private readonly long startedAt;
    private readonly ITimer timer;

    public WaitLimit(LockSession session, LockChannel channel, TimeProvider clock, TimeSpan reach, TimeSpan timeout)
    {
        this.session = session;
        this.channel = channel;
        this.clock = clock;
        this.reach = reach;
        this.timeout = timeout;
        startedAt = clock.GetTimestamp();
        timer = clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(Wanted(isReached: false), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => timer.Dispose();

    // Zero is a try: it waits for an answer as patiently as if it had all the time.
    private TimeSpan Wanted(bool isReached) =>
        isReached ? timeout
        : timeout == TimeSpan.Zero || !IsFinite(timeout) ? reach
        : !IsFinite(reach) || timeout < reach ? timeout
        : reach;

    private static bool IsFinite(TimeSpan time) => time != Timeout.InfiniteTimeSpan;

    private void Look()
    {
        var isReached = channel.IsReached;
        var wanted = Wanted(isReached);
        var elapsed = clock.GetElapsedTime(startedAt);
        if (!IsFinite(wanted))
        {
            return;
        }

        if (elapsed < wanted)
        {
            timer.Change(wanted - elapsed, Timeout.InfiniteTimeSpan);
        }
        else if (isReached || (wanted == timeout && !session.IsCutOff))
        {
            session.GiveUp(channel, answer => answer.TrySetResult(null));
        }
        else
        {
            session.GiveUp(channel, answer => answer.TrySetException(new ClusterUnreachableException(
                $"No node has answered for {wanted.TotalSeconds:0.###} s. The last problem: {session.LastProblem}.")));
        }
    }
}
