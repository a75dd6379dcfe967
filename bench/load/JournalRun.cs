using System.Globalization;
using System.Text.Json;
using RaftLocks.Load.Compare;

namespace RaftLocks.Load;

// What the journal costs: pairs of runs, one with it and one without, on clusters of their own. Which goes first changes from pair to pair, and
// only the ratio within a pair counts, so that what the machine does meanwhile falls on both.

/// <summary>The measurement of the journal's cost.</summary>
internal sealed record JournalRun(Scene Scene, int Nodes, int Pairs, double Seconds, double WarmupSeconds)
{
    /// <summary>Runs all pairs and prints; the exit code is 0 if no cycle failed.</summary>
    public async Task<int> RunAsync()
    {
        var ratios = new List<double>(Pairs);
        var errors = 0L;
        for (var pair = 1; pair <= Pairs; pair++)
        {
            var withFirst = pair % 2 == 1;
            var first = await RunOnceAsync(withFirst);
            var second = await RunOnceAsync(!withFirst);
            var (with, without) = withFirst ? (first, second) : (second, first);
            ratios.Add(with.CyclesPerSecond / without.CyclesPerSecond);
            errors += with.Errors + without.Errors;
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"pair {pair} of {Pairs}: {with.CyclesPerSecond:F0} cycles/s with, {without.CyclesPerSecond:F0} without, ratio {ratios[^1]:F3}; p99 {with.P99Ms:F1} and {without.P99Ms:F1} ms"));
        }

        ratios.Sort();
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                journal = Scene.ToString(),
                nodes = Nodes,
                pairs = Pairs,
                ratioMedian = Math.Round((ratios[(Pairs - 1) / 2] + ratios[Pairs / 2]) / 2, 3),
                ratioMin = Math.Round(ratios[0], 3),
                ratioMax = Math.Round(ratios[^1], 3),
                errors,
            },
            JsonSerializerOptions.Web));
        return errors == 0 ? 0 : 1;
    }

    private async Task<Figures> RunOnceAsync(bool isOn)
    {
        var contender = new RaftLocksContender(Nodes) { Settings = ["--journal", isOn ? "on" : "off"] };
        await using var running = await contender.StartAsync();
        return await new Measurement(Scene.Load, Scene.Clients, Seconds, WarmupSeconds).RunAsync(isOn ? "journal on" : "journal off", running.Server);
    }
}
