using System.Text.Json;
using RaftLocks.Cluster;
using RaftLocks.Load.Clients;
using RaftLocks.Load.Compare;

namespace RaftLocks.Load;

// Full load on a cluster of its own, in which nothing fails: no election may happen. A leader that is too busy to be
// heard in time would lose its leadership, and with it all its sessions.

/// <summary>Counts the elections under load.</summary>
internal sealed record ElectionWatch(double Minutes, Scene Scene)
{
    private const double WarmupSeconds = 3;

    /// <summary>Runs, prints, and returns the exit code: 1 if there was an election.</summary>
    public async Task<int> RunAsync()
    {
        await using var cluster = new LocalCluster(3);
        await cluster.StartAsync();
        var leader = await cluster.LeaderAsync();
        var before = await TermAsync(leader);
        var measurement = new Measurement(Scene.Load, Scene.Clients, Minutes * 60, WarmupSeconds);
        await using var server = new WireServer(leader.Url, "load", seed: 1);
        var figures = await measurement.RunAsync(leader.Url.ToString(), server);

        // The term counts every election, also one of which nothing came.
        var after = long.MinValue;
        foreach (var node in cluster.Nodes)
        {
            after = Math.Max(after, await TermAsync(node));
        }

        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    elections = after - before,
                    minutes = Minutes,
                    clients = Scene.Clients,
                    figures.CyclesPerSecond,
                    figures.P99Ms,
                    figures.MaxMs,
                    figures.Errors,
                }
            )
        );
        return after == before ? 0 : 1;
    }

    private static async Task<long> TermAsync(NodeProcess node) =>
        (await node.Http.ClusterAsync())?.Term ?? throw new InvalidOperationException($"{node.Name} does not answer.");
}
