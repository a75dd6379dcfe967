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
                await cluster.ApplyReadBarrierAsync(ReadBarrierType.Strong, attempt.Token);
                if (!attempt.IsCancellationRequested)
                {
                    await LeadAsync(term, askedAt, elected);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or QuorumUnreachableException)
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
        var live = locks.Begin(leadership, listener);
        Current = leadership;
        Log.Leading(logger, options.Name, term, live);
        var proposing = new Proposer(cluster, leadership, options, time, logger).RunAsync();
        var reason = await KeepLeaseAsync(leadership, elected);
        Current = null;
        leadership.End();
        locks.End(leadership);
        Log.NotLeading(logger, options.Name, term, reason);
        await proposing;
        if (!stopping.IsCancellationRequested && !elected.IsCancellationRequested)
        {
            await ((ICluster)cluster).ResignAsync(CancellationToken.None);
        }
    }

    /// <summary>Asks a majority again and again whether this node still leads; returns why it no longer does.</summary>
    private async Task<string> KeepLeaseAsync(Leadership leadership, CancellationToken elected)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(elected, stopping.Token);
        var tick = TimeSpan.FromMilliseconds(options.LeaseMs / 4.0);
        var asking = Task.CompletedTask;
        while (!ending.IsCancellationRequested)
        {
            if (leadership.SinceConfirmed.TotalMilliseconds > options.LeaderSilenceMs)
            {
                return $"no majority has answered for {leadership.SinceConfirmed.TotalMilliseconds:F0} ms";
            }

            if (asking.IsCompleted && leadership.SinceConfirmed > tick)
            {
                asking = AskAsync(leadership, ending.Token);
            }

            await Task.Delay(tick, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return stopping.IsCancellationRequested ? "it stops" : "another term has begun";
    }

    private async Task AskAsync(Leadership leadership, CancellationToken token)
    {
        var askedAt = time.GetTimestamp();
        try
        {
            await cluster.ApplyReadBarrierAsync(ReadBarrierType.Strong, token);
            leadership.Confirm(askedAt);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or QuorumUnreachableException)
        {
            // The clock readings tell the rest.
        }
    }

    private async Task HandOverAsync(CancellationToken token)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(HandOverPatience);
        try
        {
            await ((ICluster)cluster).ResignAsync(patience.Token);
            while (Leader is not { } successor || successor.Name == options.Name)
            {
                await Task.Delay(20, patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody took over in time; the others will elect when they miss this node.
        }
    }
}
