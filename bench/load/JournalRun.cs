using System.Globalization;
using System.Text.Json;
using RaftLocks.Cluster;
using RaftLocks.Load.Clients;
using RaftLocks.Load.Compare;

namespace RaftLocks.Load;

// What the journal costs: pairs of runs, one with it and one without, on clusters of their own. Which goes first
// changes from pair to pair, and only the ratio within a pair counts, so that what the machine does meanwhile falls on
// both. On a busy machine the nodes' processor time for each cycle says more than cycles per second.

/// <summary>The measurement of the journal's cost.</summary>
internal sealed record JournalRun(Scene Scene, int Nodes, int Pairs, double Seconds, double WarmupSeconds)
{
    /// <summary>Runs all pairs and prints; the exit code is 0 if no cycle failed.</summary>
    public async Task<int> RunAsync()
    {
        var ratios = new List<double>(Pairs);
        var processorRatios = new List<double>(Pairs);
        var errors = 0L;
        for (var pair = 1; pair <= Pairs; pair++)
        {
            var withFirst = pair % 2 == 1;
            var first = await RunOnceAsync(withFirst);
            var second = await RunOnceAsync(!withFirst);
            var (with, without) = withFirst ? (first, second) : (second, first);
            ratios.Add(with.Figures.CyclesPerSecond / without.Figures.CyclesPerSecond);
            processorRatios.Add(with.ProcessorPerCycle / without.ProcessorPerCycle);
            errors += with.Figures.Errors + without.Figures.Errors;
            await Console.Error.WriteLineAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"pair {pair} of {Pairs}: {with.Figures.CyclesPerSecond:F0} cycles/s with, "
                        + $"{without.Figures.CyclesPerSecond:F0} without, ratio {ratios[^1]:F3}; processor time "
                        + $"for each cycle {processorRatios[^1]:F3}; p99 {with.Figures.P99Ms:F1} and "
                        + $"{without.Figures.P99Ms:F1} ms"
                )
            );
        }

        ratios.Sort();
        processorRatios.Sort();
        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    journal = Scene.ToString(),
                    nodes = Nodes,
                    pairs = Pairs,
                    ratioMedian = Median(ratios),
                    ratioMin = Math.Round(ratios[0], 3),
                    ratioMax = Math.Round(ratios[^1], 3),
                    processorTimePerCycleRatioMedian = Median(processorRatios),
                    errors,
                },
                JsonSerializerOptions.Web
            )
        );
        return errors == 0 ? 0 : 1;
    }

    private static double Median(List<double> ratios) => Math.Round(Table.Median(ratios, static ratio => ratio), 3);

    private async Task<(Figures Figures, double ProcessorPerCycle)> RunOnceAsync(bool isOn)
    {
        await using var cluster = new LocalCluster(Nodes, "--journal", isOn ? "on" : "off");
        await cluster.StartAsync();
        await using var server = new WireServer((await cluster.LeaderAsync()).Url, "load", seed: 1);
        var figures = await new Measurement(Scene.Load, Scene.Clients, Seconds, WarmupSeconds).RunAsync(
            isOn ? "journal on" : "journal off",
            server
        );

        // Start and warm-up are in it, in both runs alike.
        return (figures, cluster.Nodes.Sum(node => node.ProcessorTime.TotalSeconds) / Math.Max(1, figures.Cycles));
    }
}
