// "raftlocks bench": how fast this cluster locks for this client, over one connection. For comparisons between servers
// there is bench/load.
using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RaftLocks.Cli.Locks;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Commands;

internal static class BenchCommand
{
    private const int MostWorkers = 1000;

    private const string Description = """
        Lock and release as fast as possible, by several workers over one connection, each with a resource of its own (or, with --shared, all with the same).

        Examples:
          raftlocks bench
          raftlocks bench --workers 64 --for 10s --shared --json
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var workers = new Option<int>("--workers") { Description = "Locks at a time", DefaultValueFactory = _ => 16 };
        workers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostWorkers)
            {
                result.AddError($"--workers: give a number from 1 to {MostWorkers}.");
            }
        });
        var duration = Durations.Option("--for", "How long", TimeSpan.FromSeconds(5));
        var shared = new Option<bool>("--shared") { Description = "All workers want the same resource" };
        var command = new DescribedCommand("bench", Description) { workers, duration, shared }.With([
            .. cluster.Where,
            cluster.Namespace,
            cluster.Json,
        ]);
        command.SetAction(
            async (parsed, token) =>
            {
                var target = cluster.Target(parsed);
                await using var locks = LockArguments.Connect(
                    terminal,
                    target.Tls.AddTo(
                        new RaftLocksOptions
                        {
                            Nodes = target.Nodes,
                            Namespace = target.Namespace,
                            Label = "raftlocks bench",
                        }
                    )
                );
                var (samples, seconds) = await MeasureAsync(
                    locks,
                    parsed.GetValue(workers),
                    parsed.GetValue(duration).Time,
                    parsed.GetValue(shared),
                    token
                );
                Show(terminal, samples, seconds, parsed.GetValue(cluster.Json));
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static async Task<(double[] Samples, double Seconds)> MeasureAsync(
        RaftLocksClient locks,
        int workers,
        TimeSpan duration,
        bool shared,
        CancellationToken token
    )
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        await using (await locks.AcquireAsync([LockResource.Write("bench", run, "connect")], cancellationToken: token))
        {
            // Connecting is not measured.
        }

        var samples = new ConcurrentBag<List<double>>();
        var startedAt = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            Enumerable
                .Range(0, workers)
                .Select(async worker =>
                {
                    var mine = new List<double>();
                    samples.Add(mine);
                    LockResource[] resource =
                    [
                        LockResource.Write(
                            "bench",
                            run,
                            shared ? "shared" : worker.ToString(CultureInfo.InvariantCulture)
                        ),
                    ];
                    while (Stopwatch.GetElapsedTime(startedAt) < duration)
                    {
                        var askedAt = Stopwatch.GetTimestamp();
                        await using var held = await locks.AcquireAsync(resource, cancellationToken: token);
                        mine.Add(Stopwatch.GetElapsedTime(askedAt).TotalMilliseconds);
                    }
                })
        );
        return ([.. samples.SelectMany(list => list).Order()], Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
    }

    private static void Show(Terminal terminal, double[] samples, double seconds, bool json)
    {
        double At(double share) =>
            samples.Length == 0 ? 0 : samples[Math.Min(samples.Length - 1, (int)(samples.Length * share))];
        var (rate, median, tail) = (samples.Length / seconds, At(0.5), At(0.99));
        if (json)
        {
            terminal.Out.WriteLine(
                JsonSerializer.Serialize(
                    new Dictionary<string, double>(StringComparer.Ordinal)
                    {
                        ["cyclesPerSecond"] = rate,
                        ["acquireP50Ms"] = median,
                        ["acquireP99Ms"] = tail,
                        ["acquireMaxMs"] = At(1),
                        ["cycles"] = samples.Length,
                    }
                )
            );
            return;
        }

        terminal
            .Tables()
            .Write(
                Grids
                    .Make("CYCLES/S", "ACQUIRE P50", "P99", "MAX", "CYCLES")
                    .Row(
                        string.Create(CultureInfo.InvariantCulture, $"{rate:N0}"),
                        Ms(median),
                        Ms(tail),
                        Ms(At(1)),
                        samples.Length.ToString("N0", CultureInfo.InvariantCulture)
                    )
            );
    }

    private static string Ms(double ms) => string.Create(CultureInfo.InvariantCulture, $"{ms:0.0} ms");
}
