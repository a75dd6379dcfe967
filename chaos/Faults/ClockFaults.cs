// Clocks of the wall that jump (chaos/shims/clock-jump.c). Nothing in the cluster may depend on them; the monotonic clock goes on as it should.
using System.Buffers.Binary;
using RaftLocks.Chaos.Stage;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Faults;

/// <summary>Sets clocks forward and back.</summary>
internal sealed class ClockFaults(ProcessCluster cluster, int seed) : IInjector
{
    private const long NanosecondsPerTick = 100;
    private static readonly TimeSpan[] Jumps = [TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(400)];

    private readonly Random random = new(seed);

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfClocks;

    /// <summary>Gives a node a clock of its own before it is started; returns the library that does it.</summary>
    public static string Equip(NodeProcess node, string clockFile)
    {
        Set(clockFile, TimeSpan.Zero);
        node.Environment["CLOCK_JUMP"] = clockFile;
        return Shims.Build("clock-jump");
    }

    /// <inheritdoc/>
    public Task StrikeAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        var jump = Jumps[random.Next(Jumps.Length)] * (random.Next(2) == 0 ? 1 : -1);
        foreach (var node in nodes)
        {
            Set(cluster.ClockOf(cluster.Processes[node]), jump);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        foreach (var node in nodes)
        {
            Set(cluster.ClockOf(cluster.Processes[node]), TimeSpan.Zero);
        }

        return Task.FromResult<string?>(null);
    }

    // In place: the node's process has the file mapped.
    private static void Set(string file, TimeSpan ahead)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, ahead.Ticks * NanosecondsPerTick);
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(bytes);
    }
}
