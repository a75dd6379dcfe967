using System.Diagnostics;
using System.Text.Json;
using RaftLocks.Cluster;
using RaftLocks.Load.Nodes;
using RaftLocks.Load.Scale;
using RaftLocks.Load.Wire;

namespace RaftLocks.Load.Restart;

// What a snapshot does to those who lock meanwhile: a few clients lock and release all the time on a node that holds
// very many locks, and the longest time without any answer is told, of stretches with a snapshot and of equally long
// ones without. What else the machine does falls on both.

/// <summary>The stall that snapshots cause.</summary>
internal sealed record StallRun(int Locks, int Rounds, int Clients)
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);
    private readonly GapWatch watch = new();

    /// <summary>Runs all rounds and prints.</summary>
    public async Task<int> RunAsync()
    {
        await using var cluster = new LocalCluster(1);
        var node = await cluster.StartPatientlyAsync();
        var holding = await LockMany.RequestAsync(node.Url, "held", Locks, LiveLocks.PathOf);
        holding.ForEach(connection => connection.Dispose());
        using var stop = new CancellationTokenSource();
        var load = Enumerable
            .Range(0, Clients)
            .Select(i => new Pipeline(() => Task.FromResult(node.Url), i, 1, watch.Tick).RunAsync(stop.Token))
            .ToArray();
        await AdminSnapshot.TakeAsync(node);
        var (with, without) = (new List<double>(), new List<double>());
        var snapshotBytes = 0L;
        for (var round = 1; round <= Rounds; round++)
        {
            await Task.Delay(Settle);
            watch.Restart();
            var clock = Stopwatch.StartNew();
            snapshotBytes = await AdminSnapshot.TakeAsync(node);
            var took = clock.Elapsed;
            with.Add(watch.LongestMs);
            await Task.Delay(Settle);
            watch.Restart();
            await Task.Delay(took);
            without.Add(watch.LongestMs);
            await Console.Error.WriteLineAsync(
                $"round {round} of {Rounds}: {took.TotalSeconds:F1} s; longest gap {with[^1]:F1} ms with a "
                    + $"snapshot, {without[^1]:F1} ms without"
            );
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        with.Sort();
        without.Sort();
        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    stall = Locks,
                    rounds = Rounds,
                    snapshotMb = Math.Round(snapshotBytes / 1e6, 1),
                    longestGapMsWithSnapshot = new { median = with[with.Count / 2], max = with[^1] },
                    longestGapMsWithout = new { median = without[without.Count / 2], max = without[^1] },
                },
                JsonSerializerOptions.Web
            )
        );
        return 0;
    }

    /// <summary>The longest time between two answers, whoever got them.</summary>
    private sealed class GapWatch
    {
        private readonly Lock gate = new();
        private long last;
        private long longest;

        public double LongestMs
        {
            get
            {
                lock (gate)
                {
                    return Math.Round(
                        Math.Max(longest, Stopwatch.GetTimestamp() - last) * 1_000.0 / Stopwatch.Frequency,
                        1
                    );
                }
            }
        }

        public void Tick()
        {
            lock (gate)
            {
                var now = Stopwatch.GetTimestamp();
                longest = Math.Max(longest, now - last);
                last = now;
            }
        }

        public void Restart()
        {
            lock (gate)
            {
                (last, longest) = (Stopwatch.GetTimestamp(), 0);
            }
        }
    }
}
