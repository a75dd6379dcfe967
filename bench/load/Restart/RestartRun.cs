using System.Diagnostics;
using System.Text.Json;
using RaftLocks.Cluster;
using RaftLocks.Load.Nodes;
using RaftLocks.Load.Scale;
using RaftLocks.Load.Wire;

namespace RaftLocks.Load.Restart;

// A node with very many live locks and a snapshot of them is killed and started again. The clock runs from the start of
// the process.

/// <summary>How long a start takes with a large state.</summary>
internal sealed record RestartRun(int Locks, int Rounds, double BoundSeconds)
{
    private static readonly TimeSpan GrantBound = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Runs all rounds, prints a line for each; the exit code is 1 if the fastest took longer than the bound.
    /// </summary>
    public async Task<int> RunAsync()
    {
        await using var cluster = new LocalCluster(1);
        var node = await cluster.StartPatientlyAsync();
        var holding = await LockMany.RequestAsync(node.Url, "restart", Locks, LiveLocks.PathOf);
        holding.ForEach(connection => connection.Dispose());
        var snapshotBytes = await AdminSnapshot.TakeAsync(node);
        var fastest = double.MaxValue;
        for (var round = 1; round <= Rounds; round++)
        {
            await node.KillAsync();
            fastest = Math.Min(fastest, await MeasureAsync(node, round, snapshotBytes));
        }

        return fastest <= BoundSeconds ? 0 : 1;
    }

    private async Task<double> MeasureAsync(NodeProcess node, int round, long snapshotBytes)
    {
        var clock = Stopwatch.StartNew();
        node.Start();
        await Eventually.HoldsAsync(
            "the node leads",
            GrantBound,
            async () => await node.Http.ClusterAsync() is { Role: "leader" }
        );
        var leads = clock.Elapsed;
        await node.ReadyAsync();
        var granted = await LockMany.RequestAsync(node.Url, $"first-{round}", 1, LiveLocks.PathOf);
        var firstGrant = clock.Elapsed;
        granted.ForEach(connection => connection.Dispose());
        var processId = node.ProcessId!.Value;
        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    restart = Locks,
                    round,
                    live = (await node.Http.ClusterAsync())?.Live,
                    snapshotMb = Math.Round(snapshotBytes / 1e6, 1),
                    secondsUntilLeader = Math.Round(leads.TotalSeconds, 2),
                    secondsUntilFirstGrant = Math.Round(firstGrant.TotalSeconds, 2),
                    processorSeconds = Math.Round(node.ProcessorTime.TotalSeconds, 2),
                    rssMb = Math.Round(NodeMemory.RssOf(processId) / 1e6),
                    peakRssMb = Math.Round(NodeMemory.PeakRssOf(processId) / 1e6),
                },
                JsonSerializerOptions.Web
            )
        );
        return firstGrant.TotalSeconds;
    }
}
