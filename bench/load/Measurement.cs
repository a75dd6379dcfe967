using System.Diagnostics;
using HdrHistogram;
using RaftLocks.Load.Clients;

namespace RaftLocks.Load;

// N clients against one server for some seconds, and what came of it.

/// <summary>What is measured, and for how long.</summary>
internal sealed record Measurement(string Load, int Clients, double Seconds, double WarmupSeconds)
{
    private const int ConnectAtOnce = 64;

    // How long a cycle may take after the end before it counts as failed.
    private static readonly TimeSpan LastCycleBound = TimeSpan.FromSeconds(30);

    /// <summary>Connects, warms up, measures.</summary>
    public async Task<Figures> RunAsync(string serverName, ILockServer server)
    {
        using var giveUp = new CancellationTokenSource();
        var cyclers = Enumerable.Range(0, Clients).Select(i => new Cycler(server, Load, i)).ToList();
        await Parallel.ForEachAsync(
            cyclers,
            new ParallelOptions { MaxDegreeOfParallelism = ConnectAtOnce },
            async (cycler, token) => await cycler.ConnectAsync(token)
        );

        var phase = new Phase();
        var running = cyclers.Select(cycler => Task.Run(() => cycler.RunAsync(phase, giveUp.Token))).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(WarmupSeconds));
        phase.Next();
        var clock = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(Seconds));
        phase.Next();
        var measured = clock.Elapsed;
        giveUp.CancelAfter(LastCycleBound);
        await Task.WhenAll(running);
        foreach (var cycler in cyclers)
        {
            await cycler.CloseAsync();
        }

        return Sum(serverName, cyclers, measured);
    }

    private Figures Sum(string serverName, List<Cycler> cyclers, TimeSpan measured)
    {
        var latency = cyclers[0].Latency;
        foreach (var cycler in cyclers.Skip(1))
        {
            latency.Add(cycler.Latency);
        }

        var cycles = cyclers.Sum(cycler => cycler.Cycles);
        return new Figures(
            serverName,
            Load,
            Clients,
            Math.Round(measured.TotalSeconds, 2),
            cycles,
            Math.Round(cycles / measured.TotalSeconds, 1),
            Milliseconds(latency, 50),
            Milliseconds(latency, 99),
            Milliseconds(latency, 99.9),
            Milliseconds(latency, 100),
            cyclers.Min(cycler => cycler.Cycles),
            cyclers.Max(cycler => cycler.Cycles),
            cyclers.Sum(cycler => cycler.Errors),
            cyclers.Select(cycler => cycler.FirstError?.Message).FirstOrDefault(error => error is not null)
        );
    }

    private static double Milliseconds(LongHistogram latency, double percentile) =>
        latency.TotalCount == 0 ? 0 : Math.Round(latency.GetValueAtPercentile(percentile) / 1_000.0, 3);
}

/// <summary>One run's figures; printed as one line of JSON. Latency is from lock sent to acquired.</summary>
internal sealed record Figures(
    string Server,
    string Load,
    int Clients,
    double Seconds,
    long Cycles,
    double CyclesPerSecond,
    double P50Ms,
    double P99Ms,
    double P999Ms,
    double MaxMs,
    long LeastCyclesOfAClient,
    long MostCyclesOfAClient,
    long Errors,
    string? FirstError
);
