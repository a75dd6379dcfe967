// A leader election: the holder of the lock leads. The others wait in the queue, and the next one leads as soon as the
// leader goes.
namespace RaftLocks.Client;

/// <summary>An election among all who run it on the same path of the same namespace.</summary>
/// <remarks>Two things make it safe: the work stops when its token is cancelled, and every effect carries the fencing
/// token, the leader's term, so that the world can refuse an old leader.
/// </remarks>
public sealed class LeaderElection
{
    /// <summary>How long a candidate waits before it tries again when no node answers.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly IRaftLocksClient client;
    private readonly LockResource[] resources;

    /// <summary>An election whose leader is the holder of the write lock of a path.</summary>
    /// <param name="client">The client.</param>
    /// <param name="path">The path that the leader locks.</param>
    /// <exception cref="ArgumentException">The path is empty or too long, or a segment is null, too long or no valid
    /// Unicode.</exception>
    public LeaderElection(IRaftLocksClient client, params ReadOnlySpan<string> path)
    {
        ArgumentNullException.ThrowIfNull(client);
        this.client = client;
        resources = [LockResource.Write(path)];
    }

    /// <summary>The path that the leader locks.</summary>
    public IReadOnlyList<string> Path => resources[0].Path;

    /// <summary>Is a candidate, leads when elected, and is a candidate again when the leadership is lost; it ends when
    /// the work ends while leading, or when it is cancelled. Leadership is given up before it returns.
    /// </summary>
    /// <param name="lead"> The work of a leader. Its token is cancelled when the leadership is lost, when an operator
    /// asks for it, and when the election is cancelled: the work should end soon then. The lock's
    /// <see cref="IHeldLock.FencingToken"/> is the term. </param>
    /// <param name="options">The label and progress of the candidate; its timeout must be null.</param>
    /// <param name="cancellationToken">Ends the candidacy or the leadership; it makes <see cref="RunAsync"/> return,
    /// not throw.</param>
    /// <returns>A task that completes when the work has ended by itself or the election was cancelled.</returns>
    /// <exception cref="LockRefusedException">The cluster refuses this candidate.</exception>
    /// <exception cref="SessionReplacedException">Another process uses this client's session.</exception>
    public Task RunAsync(
        Func<IHeldLock, CancellationToken, Task> lead,
        LockOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(lead);
        if (options?.Timeout is { } timeout && timeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException(
                "A candidate waits for as long as it takes: leave the timeout null.",
                nameof(options)
            );
        }

        return CampaignAsync(lead, options, cancellationToken);
    }

    private async Task CampaignAsync(
        Func<IHeldLock, CancellationToken, Task> lead,
        LockOptions? options,
        CancellationToken stop
    )
    {
        try
        {
            while (true)
            {
                if (await BecomeLeaderAsync(options, stop).ConfigureAwait(false) is not { } leadership)
                {
                    await Task.Delay(RetryPause, stop).ConfigureAwait(false);
                }
                else if (await LeadAsync(lead, leadership, stop).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The candidate withdraws.
        }
    }

    /// <summary>Waits until elected; null if that failed in a way that another attempt may mend.</summary>
    private async Task<IHeldLock?> BecomeLeaderAsync(LockOptions? options, CancellationToken stop)
    {
        try
        {
            return await client.AcquireAsync(resources, options, stop).ConfigureAwait(false);
        }
        catch (Exception e)
            when (e
                    is ClusterUnreachableException
                        or LockRevokedException
                        or LockRefusedException
                    {
                        Reason: RefusalReason.TooManyWaiting
                                or RefusalReason.TooManyLive
                                or RefusalReason.TooMuchMemory
                    }
            )
        {
            return null;
        }
    }

    /// <summary>Leads; returns true if the work ended by itself, so that the election is over.</summary>
    private static async Task<bool> LeadAsync(
        Func<IHeldLock, CancellationToken, Task> lead,
        IHeldLock leadership,
        CancellationToken stop
    )
    {
        await using (leadership.ConfigureAwait(false))
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(
                leadership.Lost,
                leadership.RevocationRequested,
                stop
            );
            try
            {
                await lead(leadership, over.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                // The work stopped because it was cancelled.
            }
            catch (LockLostException) when (leadership.IsLost)
            {
                // It noticed the loss by itself.
            }

            return stop.IsCancellationRequested || !(over.IsCancellationRequested || leadership.IsLost);
        }
    }
}
