// What a node does when it is elected: it runs a leadership each time, and transfers it in the end.
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Extensions;

namespace RaftLocks.Node.Raft;

/// <content>Leading.</content>
public sealed partial class RaftNode
{
    private static readonly TimeSpan LeadershipTransferTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The library's part of this node, for its middleware.</summary>
    internal IRaftCluster Cluster => cluster;

    private async Task LeadWheneverElectedAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var elected = await cluster.WaitForLeadershipAsync(stopping.Token);
                var term = log.LeadershipTerm;
                var askedAt = time.GetTimestamp();
                using var attempt = CancellationTokenSource.CreateLinkedTokenSource(elected, stopping.Token);
                await replication.ConfirmAsync(attempt.Token);
                if (!attempt.IsCancellationRequested)
                {
                    await LeadAsync(term, askedAt, elected);
                }
            }
            catch (Exception e) when (IReplication.IsLost(e))
            {
                // Not elected after all, or stopping. The pause keeps a library that says "leader" for a moment longer
                // from spinning.
                await Task.Delay(10, CancellationToken.None);
            }
            catch (Exception e)
            {
                Fail("Leading failed unexpectedly: " + e.Message, e);
                return;
            }
        }
    }

    private async Task LeadAsync(long term, long askedAt, CancellationToken elected)
    {
        using var leadership = new Leadership(term, askedAt, options, time);
        var loop = new LeadershipLoop(leadership, replication, host, listener, options, time, logger).RunAsync(
            elected,
            stopping.Token
        );
        current = leadership;
        options.Metrics?.Leads();
        await loop;
        current = null;
    }

    /// <summary>
    /// Resigns, and stays out of the election that follows. Otherwise this node's own election timeout may be the first
    /// to pass, and it would lead again.
    /// </summary>
    private async Task TransferLeadershipAsync(CancellationToken token)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(token);
        timeout.CancelAfter(LeadershipTransferTimeout);
        try
        {
            await replication.ResignAsync(timeout.Token);
            await StandByAsync(timeout.Token);
            while (Leader is not { } successor || successor.Name == options.Name)
            {
                await Task.Delay(20, timeout.Token);
            }
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            // No member took over in time, or the one that was asked is gone. The others will elect when they miss this
            // node.
        }

        if (!stopping.IsCancellationRequested)
        {
            await ((IStandbyModeSupport)cluster).RevertToNormalModeAsync(token);
        }
    }

    /// <summary>
    /// A member that lags is sent the next piece at once: an idle leader makes only a few rounds a second.
    /// </summary>
    private async Task SendMoreAsync()
    {
        try
        {
            await cluster.ForceReplicationAsync(stopping.Token);
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            // It no longer leads; the next leader goes on.
        }
    }
}
