// Clocks of the wall that jump (chaos/shims/clock-jump.c). Nothing in the cluster may depend on them; the monotonic
// clock goes on as it should.
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Faults;

/// <summary>Sets clocks forward and back.</summary>
internal sealed class ClockFaults(ProcessCluster cluster, int seed) : IInjector
{
    private static readonly TimeSpan[] Jumps =
    [
        TimeSpan.FromSeconds(2),
        TimeSpan.FromMinutes(1),
        TimeSpan.FromHours(1),
        TimeSpan.FromDays(400),
    ];

    private readonly Random random = new(seed);

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfClocks;

    /// <inheritdoc/>
    public Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        var jump = Jumps[random.Next(Jumps.Length)] * (random.Next(2) == 0 ? 1 : -1);
        foreach (var node in nodes)
        {
            cluster.ClockOf(cluster.Processes[node]).Set(jump);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        foreach (var node in nodes)
        {
            cluster.ClockOf(cluster.Processes[node]).Set(TimeSpan.Zero);
        }

        return Task.FromResult<string?>(null);
    }
}
