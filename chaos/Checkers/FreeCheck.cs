// When nobody works any more, the whole of each namespace can be locked, whatever was left behind.
using RaftLocks.Chaos.Testbed;
using RaftLocks.Chaos.Workload;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Locks everything once.</summary>
internal static class FreeCheck
{
    // When the last client has gone, its lock is free after its abandon timeout, or, after an election, after the bound
    // within which a deposed leader gives up; the rest is for a busy machine.
    private static readonly TimeSpan Bound =
        TimeSpan.FromMilliseconds(Mix.LongestAbandonTimeoutMs) + TimeSpan.FromSeconds(30);

    /// <summary>All violations, while the nodes run.</summary>
    public static async Task<IReadOnlyList<Violation>> CheckAsync(ICluster cluster)
    {
        var violations = await Task.WhenAll([
            .. Mix.AllNamespaces.Select(ns => CheckAsync(cluster, ns, Mix.Everything)),
            .. QueueMix.AllNamespaces.Select(ns => CheckAsync(cluster, ns, QueueMix.Everything)),
        ]);
        return [.. violations.OfType<Violation>()];
    }

    private static async Task<Violation?> CheckAsync(ICluster cluster, string ns, string[] everything)
    {
        try
        {
            await using var probe = await Eventually.FindAsync(
                "a node that serves",
                Bound,
                () => ConnectAsync(cluster, ns)
            );
            if ((await probe.LockAsync(everything)).State != "acquired")
            {
                await probe.NextAsync(Bound);
            }

            await probe.ReleaseAsync();
            return null;
        }
        catch (Exception e) when (e is TimeoutException or ConnectionEndedException)
        {
            return new Violation(
                "nobody waits for ever",
                $"everything in {ns} was not free after {Bound.TotalSeconds:F0} s: {e.Message}"
            );
        }
    }

    private static async Task<WireClient?> ConnectAsync(ICluster cluster, string ns)
    {
        foreach (var node in cluster.Running())
        {
            try
            {
                return await WireClient.ConnectAsync(node.Url, ns, abandonTimeoutMs: 0);
            }
            catch (Exception e)
                when (e is HandshakeRefusedException or System.Net.WebSockets.WebSocketException or TimeoutException)
            {
                // Another may serve.
            }
        }

        return null;
    }
}
