// How long a caller waits: for any answer at first, then in the queue. The cluster ends the wait in the queue, as it
// knows the limit. This clock ends it where the cluster can't: while no node answers, after a failover (a new leader
// counts from the beginning), and a moment after the limit if the leader is silent.
namespace RaftLocks.Client.Sessions;

/// <summary>Ends one request when its time is over and the cluster has not ended it.</summary>
internal sealed class WaitLimit : IDisposable
{
    /// <summary>How long after the limit the answer of the cluster is awaited.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromMilliseconds(500);

    private readonly LockSession session;
    private readonly LockChannel channel;
    private readonly CallTimeout callTimeout;
    private readonly TimeSpan reach;
    private readonly ITimer timer;

    public WaitLimit(LockSession session, LockChannel channel, TimeProvider clock, TimeSpan reach)
    {
        this.session = session;
        this.channel = channel;
        this.reach = reach;
        callTimeout = channel.CallTimeout;
        timer = clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(Wanted(isReached: false), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => timer.Dispose();

    // A try waits for its answer as patiently as if it had all the time.
    private TimeSpan Wanted(bool isReached) =>
        isReached ? callTimeout.Limit
        : callTimeout.IsTry || !callTimeout.IsFinite ? reach
        : reach == Timeout.InfiniteTimeSpan || callTimeout.Limit < reach ? callTimeout.Limit
        : reach;

    private void Look()
    {
        var isReached = channel.IsReached;
        var wanted = Wanted(isReached);
        if (wanted == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        var elapsed = callTimeout.Elapsed;
        var end = wanted == callTimeout.Limit && session.IsWithCluster(channel) ? wanted + AnswerTimeout : wanted;
        if (elapsed < end)
        {
            // First at the limit itself: by then the connection may have gone.
            timer.Change((elapsed < wanted ? wanted : end) - elapsed, Timeout.InfiniteTimeSpan);
        }
        else if (isReached || (wanted == callTimeout.Limit && !session.IsCutOff))
        {
            session.GiveUp(channel, given => given.Tell(null));
        }
        else
        {
            session.GiveUp(
                channel,
                given =>
                    given.Fail(
                        new ClusterUnreachableException(
                            $"No node has answered for {wanted.TotalSeconds:0.###} s. The last problem: "
                                + $"{session.LastProblem}.",
                            lastProblem: session.LastProblem
                        )
                    )
            );
        }
    }
}
