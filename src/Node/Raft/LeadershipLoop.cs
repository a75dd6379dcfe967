// What a node does while it leads, from its first read barrier on. It proposes, asks a majority again and again whether
// it still leads, and in the end reports that the leadership is over.
namespace RaftLocks.Node.Raft;

/// <summary>Runs one leadership from beginning to end.</summary>
/// <param name="leadership">Confirmed by the read barrier.</param>
/// <param name="replication">Raft.</param>
/// <param name="locks">The state, which tells the listener what happens.</param>
/// <param name="listener">Sessions and timers.</param>
/// <param name="options">Limits.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class LeadershipLoop(
    Leadership leadership,
    IReplication replication,
    StateMachineHost locks,
    ILeadershipListener listener,
    RaftNodeOptions options,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>
    /// Leads until the leadership is over, or until no majority has answered for too long; then it resigns. Returns
    /// when every command has its outcome.
    /// </summary>
    /// <param name="elected">Cancelled when another term has begun.</param>
    /// <param name="stopping">Cancelled when the node stops.</param>
    public async Task RunAsync(CancellationToken elected, CancellationToken stopping)
    {
        var live = locks.Begin(leadership, listener);
        Log.Leading(logger, options.Name, leadership.Term, live);
        var proposing = new Proposer(replication, leadership, options, time, logger).RunAsync();
        var reason = await KeepLeaseAsync(elected, stopping);
        leadership.End();
        locks.End(leadership);
        Log.NotLeading(logger, options.Name, leadership.Term, reason);
        await proposing;
        if (!elected.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            await ResignAsync();
        }
    }

    /// <summary>Asks a majority again and again whether this node still leads; returns why it no longer does.</summary>
    private async Task<string> KeepLeaseAsync(CancellationToken elected, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(elected, stopping);
        var tick = TimeSpan.FromMilliseconds(options.LeaseMs / 4.0);
        var asking = Task.CompletedTask;
        while (!ending.IsCancellationRequested)
        {
            if (leadership.SinceConfirmed.TotalMilliseconds > options.LeaderSilenceMs && !replication.IsAlone)
            {
                return $"no majority has answered for {leadership.SinceConfirmed.TotalMilliseconds:F0} ms";
            }

            if (leadership.IsOutcomeUnknown)
            {
                return "the fate of commands is not known";
            }

            if (leadership.GivenUp is { } why)
            {
                return why;
            }

            if (asking.IsCompleted && leadership.SinceConfirmed > tick)
            {
                asking = AskAsync(ending.Token);
            }

            await Task.Delay(tick, time, ending.Token)
                .ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
                );
        }

        return stopping.IsCancellationRequested ? "it stops" : "another term has begun";
    }

    private async Task ResignAsync()
    {
        try
        {
            await replication.ResignAsync(CancellationToken.None);
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            // Another node leads, or led until just now. In either case this leadership is over.
        }
    }

    private async Task AskAsync(CancellationToken token)
    {
        var askedAt = time.GetTimestamp();
        try
        {
            await replication.ConfirmAsync(token);
            leadership.Confirm(askedAt);
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            // The clock readings decide.
        }
    }
}
