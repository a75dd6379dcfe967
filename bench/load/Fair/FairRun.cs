using System.Text.Json;
using RaftLocks.Cluster;
using RaftLocks.Load.Clients;
using RaftLocks.Load.Wire;

namespace RaftLocks.Load.Fair;

// What polite clients notice of greedy ones: the same few clients, which wait for each answer, alone and beside
// connections that send as fast as the server takes it. Interleaved rounds on one cluster; no leadership may be lost.

/// <summary>Polite clients beside greedy ones.</summary>
internal sealed record FairRun(int Polite, int[] Greedy, int Pairs, int Rounds, double Seconds, double Warmup)
{
    private long greedyAnswers;

    /// <summary>Runs and prints; the exit code is 1 if there was an election, or a cycle failed.</summary>
    public async Task<int> RunAsync()
    {
        await using var cluster = new LocalCluster(3);
        await cluster.StartAsync();
        var leader = await cluster.LeaderAsync();
        var term = await TermAsync(leader);
        var lines = new List<Line>();
        await using var server = new WireServer(leader.Url, "polite", seed: 1);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var greedy in Greedy.Prepend(0))
            {
                lines.Add(await MeasureAsync(leader, server, greedy));
                Console.WriteLine(JsonSerializer.Serialize(lines[^1], JsonSerializerOptions.Web));
            }
        }

        var elections = await TermAsync(await cluster.LeaderAsync()) - term;
        foreach (var greedy in Greedy.Prepend(0))
        {
            Console.WriteLine(JsonSerializer.Serialize(Sum(lines, greedy, elections), JsonSerializerOptions.Web));
        }

        return elections == 0 && lines.TrueForAll(line => line.Errors == 0) ? 0 : 1;
    }

    private static async Task<long> TermAsync(NodeProcess node) =>
        (await node.Http.ClusterAsync())?.Term ?? throw new InvalidOperationException($"{node.Name} does not answer.");

    private static Summary Sum(List<Line> lines, int greedy, long elections)
    {
        var (alone, beside) = (lines.FindAll(line => line.Greedy == 0), lines.FindAll(line => line.Greedy == greedy));
        double P50(List<Line> of) => Median(of.Select(line => line.P50Ms));
        double P99(List<Line> of) => Median(of.Select(line => line.P99Ms));
        return new Summary(
            greedy,
            P50(beside),
            P99(beside),
            Math.Round(P50(beside) / P50(alone), 2),
            Math.Round(P99(beside) / P99(alone), 2),
            beside.Max(line => line.MaxMs),
            Median(beside.Select(line => line.GreedyCommandsPerSecond)),
            elections
        );
    }

    private static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted[sorted.Length / 2];
    }

    private async Task<Line> MeasureAsync(NodeProcess leader, WireServer server, int greedy)
    {
        using var stop = new CancellationTokenSource();
        var pipelines = Enumerable
            .Range(0, greedy)
            .Select(i => new Pipeline(
                () => Task.FromResult(leader.Url),
                i,
                Pairs,
                () => Interlocked.Increment(ref greedyAnswers)
            ))
            .ToList();
        var load = pipelines.Select(pipeline => Task.Run(() => pipeline.RunAsync(stop.Token))).ToList();
        var (before, since) = (Interlocked.Read(ref greedyAnswers), TimeProvider.System.GetTimestamp());
        var figures = await new Measurement("U", Polite, Seconds, Warmup).RunAsync("raftlocks", server);
        var answers = Interlocked.Read(ref greedyAnswers) - before;
        var seconds = TimeProvider.System.GetElapsedTime(since).TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(load);
        return new Line(
            greedy,
            figures.CyclesPerSecond,
            figures.P50Ms,
            figures.P99Ms,
            figures.MaxMs,
            figures.Errors,
            Math.Round(answers / seconds),
            pipelines.Sum(pipeline => pipeline.Interruptions)
        );
    }

    /// <summary>The polite clients' figures of one round beside so many greedy ones.</summary>
    private sealed record Line(
        int Greedy,
        double CyclesPerSecond,
        double P50Ms,
        double P99Ms,
        double MaxMs,
        long Errors,
        double GreedyCommandsPerSecond,
        int Interruptions
    );

    /// <summary>Medians of the rounds, and how many times those of the polite clients alone they are.</summary>
    private sealed record Summary(
        int Greedy,
        double P50Ms,
        double P99Ms,
        double TimesP50,
        double TimesP99,
        double MaxMs,
        double GreedyCommandsPerSecond,
        long Elections
    );
}
