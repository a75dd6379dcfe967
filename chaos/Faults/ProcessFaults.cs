// Nodes that crash, restart, or stand still.
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Faults;

/// <summary>Signals to nodes.</summary>
internal sealed class ProcessFaults(ICluster cluster) : IInjector
{
    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfProcesses;

    /// <inheritdoc/>
    public Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes) =>
        Task.WhenAll(
            nodes.Select(node =>
                kind switch
                {
                    FaultKind.Kill => cluster.Nodes[node].KillAsync(),
                    FaultKind.Restart => cluster.Nodes[node].StopAsync(),
                    FaultKind.Freeze => cluster.Nodes[node].FreezeAsync(),
                    _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
                }
            )
        );

    /// <inheritdoc/>
    public async Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        await Task.WhenAll(
            nodes.Select(node =>
                kind == FaultKind.Freeze ? cluster.Nodes[node].ThawAsync() : cluster.Nodes[node].StartAsync()
            )
        );
        return null;
    }
}
