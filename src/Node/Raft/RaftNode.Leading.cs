// What a node does with being elected: a leadership each time, confirmed again and again, and handed over in the end.
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;

namespace RaftLocks.Node.Raft;

/// <content>Leading.</content>
public sealed partial class RaftNode
{
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromSeconds(2);

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
                // Not elected after all, or stopping. The pause keeps a library that says "leader" for a moment longer from spinning.
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
        var tenure = new Tenure(leadership, replication, locks.Applied, listener, options, time, logger).RunAsync(elected, stopping.Token);
        current = leadership;
        options.Metrics?.Leads();
        await tenure;
        current = null;
    }

    private async Task HandOverAsync(CancellationToken token)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(HandOverPatience);
        try
        {
            await replication.ResignAsync(patience.Token);
            while (Leader is not { } successor || successor.Name == options.Name)
            {
                await Task.Delay(20, patience.Token);
            }
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            // Nobody took over in time, or whoever was asked to is gone; the others will elect when they miss this node.
        }
    }

    /// <summary>A member that lags is sent the next piece at once: an idle leader makes only a few rounds a second.</summary>
    private async Task SendMoreAsync()
    {
        try
        {
            await cluster.ForceReplicationAsync(stopping.Token);
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            // It leads no more; the next leader goes on.
        }
    }
}
