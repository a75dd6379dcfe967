using System.Diagnostics;
using System.Text.Json;
using HdrHistogram;

namespace RaftLocks.Load;

// Runs N clients against a cluster for some seconds and prints one line of JSON.

/// <summary>The measurement of cycles per second and of latency.</summary>
internal sealed record CyclesRun(Uri Url, string Load, int Clients, double Seconds, double WarmupSeconds, string Namespace, int Seed)
{
    // How long a cycle may take after the end before the run is given up.
    private static readonly TimeSpan LastCycleBound = TimeSpan.FromSeconds(30);

    /// <summary>Connects, warms up, measures, prints.</summary>
    public async Task RunAsync()
    {
        using var giveUp = new CancellationTokenSource();
        var clients = new List<CyclingClient>(Clients);
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await CyclingClient.ConnectAsync(Url, Namespace, Workload.Of(Load, i, Seed), giveUp.Token));
        }

        var phase = new Phase();
        var running = clients.Select(client => Task.Run(() => client.RunAsync(phase, giveUp.Token))).ToArray();
        var anyFailed = Task.WhenAny(running);
        await Task.WhenAny(anyFailed, Task.Delay(TimeSpan.FromSeconds(WarmupSeconds)));
        phase.Next();
        var clock = Stopwatch.StartNew();
        await Task.WhenAny(anyFailed, Task.Delay(TimeSpan.FromSeconds(Seconds)));
        phase.Next();
        var measured = clock.Elapsed;
        giveUp.CancelAfter(LastCycleBound);
        await Task.WhenAll(running);

        Print(clients, measured);
        clients.ForEach(client => client.Dispose());
    }

    private void Print(List<CyclingClient> clients, TimeSpan measured)
    {
        var latency = clients[0].Latency;
        foreach (var client in clients.Skip(1))
        {
            latency.Add(client.Latency);
        }

        var cycles = clients.Sum(client => client.Cycles);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            load = Load,
            clients = Clients,
            seconds = Math.Round(measured.TotalSeconds, 2),
            cycles,
            cyclesPerSecond = Math.Round(cycles / measured.TotalSeconds, 1),
            p50Ms = Milliseconds(latency, 50),
            p99Ms = Milliseconds(latency, 99),
            p999Ms = Milliseconds(latency, 99.9),
            maxMs = Milliseconds(latency, 100),
            leastCyclesOfAClient = clients.Min(client => client.Cycles),
            mostCyclesOfAClient = clients.Max(client => client.Cycles),
        }));
    }

    private static double Milliseconds(LongHistogram latency, double percentile) =>
        latency.TotalCount == 0 ? 0 : Math.Round(latency.GetValueAtPercentile(percentile) / 1_000.0, 3);
}
