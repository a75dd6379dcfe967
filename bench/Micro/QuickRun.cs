// All figures in under a minute, with medians of short rounds. Says where a promise is broken, by its exit code too.
//
// The process is pinned to one core, and what counts is the processor time of all its threads, the collector's
// included: what one core would take with nothing else to do. Wall time stands beside it: where the two differ, the
// machine was busy with something else.
using System.Diagnostics;
using System.Globalization;

namespace RaftLocks.Micro;

internal static class QuickRun
{
    private const double PromisedCyclesPerSecond = 1_000_000;
    private const double PromisedGrowth = 1.5;
    private const int Rounds = 9;
    private const int RoundMs = 120;
    private const int WarmUpMs = 1_500;
    private const int CyclesPerEntry = Feed.CommandsPerEntry / 2;

    public static int Run()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            using var self = Process.GetCurrentProcess();
            self.ProcessorAffinity = 1;
        }

        Say($"One core, {Feed.CommandsPerEntry} commands in an entry, ledger and digest included.");
        return Throughput() & Growth() & Sizes.Check() ? 0 : 1;
    }

    private static bool Throughput()
    {
        var feed = new Feed();
        var same = feed.Cycles("shop", "orders", "42");
        var spread = Enumerable.Range(0, 64).Select(feed.SpreadCycles).ToArray();
        var turn = 0;
        var kept = true;
        foreach (
            var (name, step) in new (string, Action)[]
            {
                ("same path", () => feed.Apply(same)),
                ("many paths", () => feed.Apply(spread[turn++ & 63])),
            }
        )
        {
            Round(step, WarmUpMs);
            var cost = Median(Enumerable.Range(0, Rounds).Select(_ => Round(step, RoundMs)));
            var bytes = BytesPerCycle(step);
            var perSecond = 1e9 / cost.ProcessorNs;
            kept &= perSecond >= PromisedCyclesPerSecond;
            Say(
                $"lock+release at depth 3, {name}: {perSecond / 1e6:F2} M cycles/s, {cost}, {bytes:F0} bytes a ",
                $"cycle {Verdict(perSecond >= PromisedCyclesPerSecond)}"
            );
        }

        return kept;
    }

    private static bool Growth()
    {
        var kept = true;
        foreach (
            var (scene, few, many) in new[]
            {
                (Scene.LockOnCrowdedParent, 0, 1_000_000),
                (Scene.LockBesideCrowd, 0, 1_000_000),
                (Scene.WaiterComesAndGoes, 0, 100_000),
                (Scene.LockBesideQueue, 0, 100_000),
                (Scene.QueueMovesOn, 256, 100_000),
                (Scene.ManyChannels, 1, 64),
                (Scene.ManyChannels, 1, 1_024),
                (Scene.ManyChannels, 1, 4_096),
                (Scene.ManyChannels, 1, 65_536),
            }
        )
        {
            var (small, large) = (new SceneRun(scene, few), new SceneRun(scene, many));
            Collect();
            var (smallCost, largeCost) = Medians(small.Step, large.Step);
            var growth = largeCost.ProcessorNs / smallCost.ProcessorNs;
            kept &= growth <= PromisedGrowth;
            Say(
                $"{scene}, {few} to {many}: from {smallCost} to {largeCost}, {growth:F2} times ",
                $"{Verdict(growth <= PromisedGrowth)}"
            );
        }

        return kept;
    }

    /// <summary>Takes turns, so that what else the machine does meets both alike.</summary>
    private static (Cost Small, Cost Large) Medians(Action small, Action large)
    {
        Round(small, RoundMs);
        Round(large, RoundMs);
        var pairs = Enumerable
            .Range(0, Rounds)
            .Select(_ => (Small: Round(small, RoundMs), Large: Round(large, RoundMs)))
            .ToList();
        return (Median(pairs.Select(p => p.Small)), Median(pairs.Select(p => p.Large)));
    }

    private static Cost Median(IEnumerable<Cost> rounds) => rounds.OrderBy(r => r.ProcessorNs).ElementAt(Rounds / 2);

    /// <summary>What a cycle costs, on average over so long.</summary>
    private static Cost Round(Action step, int durationMs)
    {
        var start = Stopwatch.GetTimestamp();
        var processorBefore = Environment.CpuUsage.TotalTime;
        var cycles = 0L;
        TimeSpan wall;
        do
        {
            step();
            cycles += CyclesPerEntry;
            wall = Stopwatch.GetElapsedTime(start);
        } while (wall.TotalMilliseconds < durationMs);
        var processor = Environment.CpuUsage.TotalTime - processorBefore;
        return new Cost(processor.TotalNanoseconds / cycles, wall.TotalNanoseconds / cycles);
    }

    private static double BytesPerCycle(Action step)
    {
        const int Entries = 200;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Entries; i++)
        {
            step();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Entries * CyclesPerEntry);
    }

    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    public static string Verdict(bool kept) => kept ? "(kept)" : "(BROKEN)";

    public static void Say(params FormattableString[] line) =>
        Console.WriteLine(string.Concat(line.Select(FormattableString.Invariant)));

    private readonly record struct Cost(double ProcessorNs, double WallNs)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{ProcessorNs:F0} ns (wall {WallNs:F0})");
    }
}
