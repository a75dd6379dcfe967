// Containers that are taken off their network: each is alone then, for the other nodes and for clients.
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Faults;

/// <summary>docker network disconnect, and connect.</summary>
internal sealed class ContainerFaults(string network, IReadOnlyList<ContainerNode> containers) : IInjector
{
    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds { get; } = [FaultKind.Partition];

    /// <inheritdoc/>
    public Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes) =>
        Task.WhenAll(
            nodes.Select(node =>
                Tool.RunAsync("docker", ["network", "disconnect", network, containers[node].Container])
            )
        );

    /// <inheritdoc/>
    public async Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        await Task.WhenAll(
            nodes.Select(node =>
                Tool.RunAsync(
                    "docker",
                    ["network", "connect", "--alias", containers[node].Name, network, containers[node].Container]
                )
            )
        );
        return null;
    }
}
