// All nodes on the loopback address; what they know of each other is the way through the proxies. Clients come
// straight.
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Network;

/// <summary>Proxies between so many nodes.</summary>
internal sealed class ProxyWiring(int size) : IWiring
{
    private ProxyNetwork? network;

    /// <inheritdoc/>
    public INetwork Network => network ?? throw new InvalidOperationException("Lay the wires first.");

    /// <inheritdoc/>
    public IReadOnlyList<NodePlan> Lay(Func<IReadOnlyDictionary<int, int>> nodeOfProcess)
    {
        var laid = new ProxyNetwork(size, nodeOfProcess);
        network = laid;
        var ports = FreePorts.Take(size * 2);
        return
        [
            .. Enumerable
                .Range(0, size)
                .Select(i => new NodePlan(
                    $"n{i + 1}",
                    $"127.0.0.1:{laid.OpenWayTo(i, ports[size + i])}",
                    new Uri($"http://127.0.0.1:{ports[i]}")
                )
                {
                    InternalUrl = new Uri($"http://127.0.0.1:{laid.OpenWayTo(i, ports[i])}"),
                    Settings = ["--raft-listen", $"127.0.0.1:{ports[size + i]}"],
                }),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Launcher(string node) => [];

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        network?.Dispose();
        return ValueTask.CompletedTask;
    }
}
