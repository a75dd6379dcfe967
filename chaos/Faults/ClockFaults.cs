// Clocks of the wall that jump, by Debian's libfaketime. Nothing in the cluster may depend on them; the monotonic clock goes on as it should.
using System.Globalization;
using RaftLocks.Chaos.Stage;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Faults;

/// <summary>Sets clocks forward and back.</summary>
internal sealed class ClockFaults(ProcessCluster cluster, int seed) : IInjector
{
    private static readonly string[] Libraries =
    [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib64/faketime/libfaketimeMT.so.1",
    ];

    private static readonly TimeSpan[] Jumps = [TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(400)];

    private readonly Random random = new(seed);

    /// <summary>The library, if this machine has it.</summary>
    public static string? Library { get; } = Libraries.FirstOrDefault(File.Exists);

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfClocks;

    /// <summary>Gives a node a clock of its own before it is started.</summary>
    public static void Equip(NodeProcess node, string clockFile)
    {
        Set(clockFile, TimeSpan.Zero);
        node.Environment["FAKETIME_TIMESTAMP_FILE"] = clockFile;
        node.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        node.Environment["FAKETIME_NO_CACHE"] = "1";
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

    private static void Set(string file, TimeSpan ahead)
    {
        // Moved into place, so that nobody reads half of it.
        var beside = file + ".new";
        File.WriteAllText(beside, ahead.TotalSeconds.ToString("+0;-0;+0", CultureInfo.InvariantCulture));
        File.Move(beside, file, overwrite: true);
    }
}
