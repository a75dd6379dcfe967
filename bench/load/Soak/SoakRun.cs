using System.Diagnostics;
using System.Text.Json;
using RaftLocks.Cluster;
using RaftLocks.Load.Clients;
using RaftLocks.Load.Compare;
using RaftLocks.Load.Nodes;

namespace RaftLocks.Load.Soak;

// A cluster of its own under a fixed rate for a long time. Each minute every node collects its garbage and its memory
// is read. After a warm-up nothing may grow any more: the last stretch is held against the first, by their means, for
// the log in memory goes up and down with each snapshot.

/// <summary>A long run that looks for leaks.</summary>
internal sealed record SoakRun(double Minutes, double WarmupMinutes, double CyclesPerSecond, Scene Scene)
{
    private const int Nodes = 3;

    // A busy machine may cost a leader its leadership, and that costs each client a cycle; leaks are looked for here,
    // not elections.
    private const double MaxFailedShare = 0.001;
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LastCycleBound = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Runs, prints a line each minute and the verdict; the exit code is 1 if something grew, or if more than a few
    /// cycles failed.
    /// </summary>
    public async Task<int> RunAsync()
    {
        await using var cluster = new LocalCluster(Nodes);
        await using var server = new WireServer((await cluster.StartPatientlyAsync()).Url, "load", seed: 1);
        var cyclers = Enumerable
            .Range(0, Scene.Clients)
            .Select(i => new Cycler(server, Scene.Load, i, new Pace(CyclesPerSecond, Scene.Clients, i)))
            .ToList();
        var phase = new Phase();
        phase.Next();
        using var giveUp = new CancellationTokenSource();
        var running = cyclers.Select(cycler => Task.Run(() => cycler.RunAsync(phase, giveUp.Token))).ToArray();

        var samples = await WatchAsync(cluster, cyclers);
        phase.Next();
        giveUp.CancelAfter(LastCycleBound);
        await Task.WhenAll(running);
        foreach (var cycler in cyclers)
        {
            await cycler.CloseAsync();
        }

        return Judge(samples, cyclers.Sum(cycler => cycler.Cycles), cyclers.Sum(cycler => cycler.Errors)) ? 0 : 1;
    }

    private async Task<List<SoakSample>> WatchAsync(LocalCluster cluster, List<Cycler> cyclers)
    {
        var samples = new List<SoakSample>();
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(SampleEvery);
        var (cyclesBefore, before) = (0L, TimeSpan.Zero);
        while (clock.Elapsed.TotalMinutes < Minutes && await timer.WaitForNextTickAsync())
        {
            var nodes = new List<NodeMemory>();
            foreach (var node in cluster.Nodes)
            {
                nodes.Add(await NodeMemory.AfterCollectionAsync(node));
            }

            var cycles = cyclers.Sum(cycler => cycler.Cycles);
            var rate = (cycles - cyclesBefore) / (clock.Elapsed - before).TotalSeconds;
            (cyclesBefore, before) = (cycles, clock.Elapsed);
            samples.Add(new SoakSample(clock.Elapsed.TotalMinutes, nodes));
            Print(
                new
                {
                    minute = Math.Round(clock.Elapsed.TotalMinutes, 1),
                    cyclesPerSecond = Math.Round(rate),
                    errors = cyclers.Sum(cycler => cycler.Errors),
                    liveHeapMb = nodes.Select(node => Mb(node.LiveHeap)),
                    rssMb = nodes.Select(node => Mb(node.Rss)),
                }
            );
        }

        return samples;
    }

    private bool Judge(List<SoakSample> samples, long cycles, long errors)
    {
        var verdict = new SoakVerdict(samples, WarmupMinutes);
        var nodes = verdict.OfNodes(Nodes);
        var passed = errors <= MaxFailedShare * cycles && nodes.TrueForAll(node => node.HasSettled);
        Print(
            new
            {
                soak = Scene.ToString(),
                minutes = Minutes,
                warmupMinutes = WarmupMinutes,
                stretchMinutes = Math.Round(verdict.StretchMinutes, 1),
                cycles,
                errors,
                nodes,
                passed,
            }
        );
        return passed;
    }

    private static double Mb(long bytes) => Math.Round(bytes / 1e6, 1);

    private static void Print(object line) =>
        Console.WriteLine(JsonSerializer.Serialize(line, JsonSerializerOptions.Web));
}

/// <summary>All nodes at one moment.</summary>
internal sealed record SoakSample(double Minute, IReadOnlyList<NodeMemory> Nodes);
