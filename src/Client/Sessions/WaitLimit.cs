// How long a caller waits: for any answer at first, then in line. The wait in line is ended by the cluster, which was told its limit; this
// clock ends it where the cluster can't: while no node answers, after a failover (a new leader counts from the beginning), and a moment
// after the limit if the leader has not said a word.
namespace RaftLocks.Client.Sessions;

/// <summary>Ends one request when its time is over and the cluster has not ended it.</summary>
internal sealed class WaitLimit : IDisposable
{
    /// <summary>How long after the limit the cluster's own word is waited for.</summary>
    public static readonly TimeSpan AnswerPatience = TimeSpan.FromMilliseconds(500);

    private readonly LockSession session;
    private readonly LockChannel channel;
    private readonly Patience patience;
    private readonly TimeSpan reach;
    private readonly ITimer timer;

    public WaitLimit(LockSession session, LockChannel channel, TimeProvider clock, TimeSpan reach)
    {
        this.session = session;
        this.channel = channel;
        this.reach = reach;
        patience = channel.Patience;
        timer = clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(Wanted(isReached: false), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => timer.Dispose();

    // A try waits for its answer as patiently as if it had all the time.
    private TimeSpan Wanted(bool isReached) =>
        isReached ? patience.Limit
        : patience.IsTry || !patience.IsFinite ? reach
        : reach == Timeout.InfiniteTimeSpan || patience.Limit < reach ? patience.Limit
        : reach;

    private void Look()
    {
        var isReached = channel.IsReached;
        var wanted = Wanted(isReached);
        if (wanted == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        var elapsed = patience.Elapsed;
        var end = wanted == patience.Limit && session.IsWithCluster(channel) ? wanted + AnswerPatience : wanted;
        if (elapsed < end)
        {
            // First at the limit itself: by then the connection may have gone.
            timer.Change((elapsed < wanted ? wanted : end) - elapsed, Timeout.InfiniteTimeSpan);
        }
        else if (isReached || (wanted == patience.Limit && !session.IsCutOff))
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
