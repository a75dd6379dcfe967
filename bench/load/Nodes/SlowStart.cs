using RaftLocks.Cluster;

namespace RaftLocks.Load.Nodes;

// Nodes with millions of locks, or on a machine that has much else to do, take longer to start than those of a test.

/// <summary>Starts nodes and waits as long as it takes.</summary>
internal static class SlowStart
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    /// <summary>Starts all nodes that do not run, waits until all are ready, and returns the leader.</summary>
    public static async Task<NodeProcess> StartPatientlyAsync(this LocalCluster cluster)
    {
        foreach (var node in cluster.Nodes.Where(node => !node.IsRunning))
        {
            node.Start();
        }

        foreach (var node in cluster.Nodes)
        {
            await node.ReadyAsync();
        }

        return await cluster.LeaderPatientlyAsync();
    }

    /// <summary>Waits until a node is ready.</summary>
    public static Task ReadyAsync(this NodeProcess node) =>
        Eventually.HoldsAsync(
            $"{node.Name} is ready",
            Bound,
            async () =>
                node.IsRunning
                    ? await node.Http.IsReadyAsync()
                    : throw new InvalidOperationException($"{node.Name} ended with code {node.ExitCode}:\n{node.Log}")
        );

    /// <summary>Waits for the leader.</summary>
    public static Task<NodeProcess> LeaderPatientlyAsync(this LocalCluster cluster) =>
        Eventually.FindAsync(
            "a leader that serves",
            Bound,
            async () =>
            {
                foreach (var node in cluster.Running)
                {
                    if (await node.Http.ClusterAsync() is { Role: "leader" } && await node.Http.IsReadyAsync())
                    {
                        return node;
                    }
                }

                return null;
            }
        );
}
