// Lock and release under BenchmarkDotNet: one operation is one cycle.
using BenchmarkDotNet.Attributes;

namespace RaftLocks.Micro;

/// <summary>Uncontended cycles at depth 3.</summary>
[MemoryDiagnoser]
public class CycleBenchmarks
{
    private readonly Feed feed = new();
    private readonly byte[][] spread;
    private readonly byte[] same;
    private int turn;

    /// <summary>Encodes the entries.</summary>
    public CycleBenchmarks()
    {
        same = feed.Cycles("shop", "orders", "42");
        spread = [.. Enumerable.Range(0, 64).Select(feed.SpreadCycles)];
    }

    /// <summary>Always the same path.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Feed.CommandsPerEntry / 2)]
    public void SamePath() => feed.Apply(same);

    /// <summary>Paths that come and go.</summary>
    [Benchmark(OperationsPerInvoke = Feed.CommandsPerEntry / 2)]
    public void ManyPaths() => feed.Apply(spread[turn++ & 63]);
}

/// <summary>The cost of a cycle with few and with many others present.</summary>
[MemoryDiagnoser]
public class GrowthBenchmarks
{
    private SceneRun run = null!;

    /// <summary>The situation.</summary>
    [Params(
        Scene.LockOnCrowdedParent,
        Scene.LockBesideCrowd,
        Scene.WaiterComesAndGoes,
        Scene.LockBesideQueue,
        Scene.QueueMovesOn,
        Scene.ManyChannels
    )]
    public Scene Scene { get; set; }

    /// <summary>How many are there (at least 256 where a queue moves on).</summary>
    [Params(0, 100_000, 1_000_000)]
    public int Present { get; set; }

    /// <summary>Fills the state.</summary>
    [GlobalSetup]
    public void Fill() => run = new SceneRun(Scene, Present);

    /// <summary>One cycle.</summary>
    [Benchmark(OperationsPerInvoke = Feed.CommandsPerEntry / 2)]
    public void Cycle() => run.Step();
}
