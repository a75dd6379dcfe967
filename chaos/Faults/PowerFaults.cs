// Power cuts: nodes are killed, and what they had not flushed is gone, which kill -9 alone would leave in the kernel's
// cache.
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Faults;

/// <summary>Cuts the power of nodes.</summary>
internal sealed class PowerFaults(ProcessCluster cluster) : IInjector
{
    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfPower;

    /// <inheritdoc/>
    public async Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        await Task.WhenAll(nodes.Select(node => cluster.Processes[node].KillAsync()));
        foreach (var node in nodes)
        {
            cluster.PowerOf(cluster.Processes[node]).Cut();
        }
    }

    /// <inheritdoc/>
    public async Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        await Task.WhenAll(nodes.Select(node => cluster.Processes[node].StartAsync()));
        return null;
    }
}
