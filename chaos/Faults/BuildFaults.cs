// Nodes that are stopped and started with the other build, as in a rolling upgrade or a rolling back. The first node
// stays with the previous build, so the feature level is never raised above what that build knows, and the way back is
// always open.
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Faults;

/// <summary>Switches nodes between two builds.</summary>
internal sealed class BuildFaults(ProcessCluster cluster) : IInjector
{
    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfBuilds;

    /// <inheritdoc/>
    public Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes) =>
        Task.WhenAll(nodes.Select(node => cluster.Processes[node].StopAsync()));

    /// <inheritdoc/>
    public async Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        var recorder = new List<string>();
        foreach (var node in nodes)
        {
            var isPrevious = cluster.SwitchBuild(cluster.Processes[node], keepsPrevious: node == 0);
            recorder.Add($"{cluster.Processes[node].Name} goes on with the {(isPrevious ? "previous" : "new")} build");
            await cluster.Processes[node].StartAsync();
        }

        return string.Join("; ", recorder);
    }
}
