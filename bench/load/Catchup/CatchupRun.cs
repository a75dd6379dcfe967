using System.Diagnostics;
using System.Text.Json;
using RaftLocks.Cluster;
using RaftLocks.Load.Nodes;
using RaftLocks.Load.Wire;

namespace RaftLocks.Load.Catchup;

// One of three nodes is killed, very many commands pass without it, and it is started again while the load goes on.
// What is asked: until it is level with the leader, how much memory it took for that, what the clients noticed, and how
// much disk all of it took.

/// <summary>How a node that was away comes back.</summary>
internal sealed record CatchupRun(long Commands, int Clients, int Pairs, double BaselineSeconds)
{
    private const double MaxSeconds = 30;
    private const double MaxPeakRssMb = 512;
    private const double MinThroughputShare = 0.5;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private long answers;

    /// <summary>Runs and prints; the exit code is 1 if a bar was missed.</summary>
    public async Task<int> RunAsync()
    {
        await using var cluster = new LocalCluster(3);
        var leader = await cluster.StartPatientlyAsync();
        var away = cluster.Nodes.First(node => node != leader);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable
            .Range(0, Clients)
            .Select(i => new Pipeline(
                async () => (await cluster.LeaderPatientlyAsync()).Url,
                i,
                Pairs,
                () => Interlocked.Increment(ref answers)
            ))
            .ToList();
        var load = clients.Select(client => Task.Run(() => client.RunAsync(stop.Token))).ToList();
        using var disk = new DiskWatch([.. cluster.Nodes.Select(node => cluster.DataOf(node.Name))]);

        await Task.Delay(TimeSpan.FromSeconds(BaselineSeconds));
        await away.KillAsync();
        var without = await PassAsync(Commands, load);
        await Console.Error.WriteLineAsync($"{Commands} commands passed, {without:F0}/s");

        var (clock, from) = (Stopwatch.StartNew(), Interlocked.Read(ref answers));
        away.Start();
        await Eventually.HoldsAsync(
            $"{away.Name} is level with the leader",
            Bound,
            () => IsLevelAsync(away, cluster, load)
        );
        var seconds = clock.Elapsed.TotalSeconds;
        var during = (Interlocked.Read(ref answers) - from) / seconds;
        var peakRssMb = Math.Round(NodeMemory.PeakRssOf(away.ProcessId!.Value) / 1e6);
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    catchup = Commands,
                    seconds = Math.Round(seconds, 1),
                    peakRssMb,
                    commandsPerSecondBefore = Math.Round(without),
                    commandsPerSecondDuring = Math.Round(during),
                    share = Math.Round(during / without, 2),
                    diskPeakMb = disk.PeaksMb,
                    interruptions = clients.Sum(client => client.Interruptions),
                },
                JsonSerializerOptions.Web
            )
        );
        return seconds <= MaxSeconds && peakRssMb <= MaxPeakRssMb && during >= MinThroughputShare * without ? 0 : 1;
    }

    private async Task<double> PassAsync(long commands, List<Task> load)
    {
        var (clock, from, told) = (Stopwatch.StartNew(), Interlocked.Read(ref answers), 0L);
        while (Interlocked.Read(ref answers) - from is var passed && passed < commands)
        {
            ThrowIfEnded(load);
            await Task.Delay(LookEvery);
            if (passed / 100_000 > told)
            {
                told = passed / 100_000;
                await Console.Error.WriteLineAsync($"{passed} commands");
            }
        }

        return (Interlocked.Read(ref answers) - from) / clock.Elapsed.TotalSeconds;
    }

    // Level: it has applied all that was committed when the leader was asked just before.
    private static async Task<bool> IsLevelAsync(NodeProcess away, LocalCluster cluster, List<Task> load)
    {
        ThrowIfEnded(load);
        if (!away.IsRunning)
        {
            throw new InvalidOperationException($"{away.Name} ended with code {away.ExitCode}:\n{away.Log}");
        }

        await Task.Delay(LookEvery);
        return await (await cluster.LeaderPatientlyAsync()).Http.ClusterAsync() is { } ahead
            && await away.Http.ClusterAsync() is { Role: "follower" } behind
            && behind.AppliedIndex >= ahead.CommitIndex;
    }

    private static void ThrowIfEnded(List<Task> load)
    {
        if (load.Find(task => task.IsFaulted) is { } failed)
        {
            failed.GetAwaiter().GetResult();
        }
    }
}
