using RaftLocks.Chaos.Network;

namespace RaftLocks.Cluster.Tests;

// Three nodes that reach each other through proxies (chaos/Network), one for each direction: so a test can hurt one
// direction and leave the connections open.

/// <summary>A cluster with links that can be cut, shared by the tests of one class.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design",
    "CA1001:Types that own disposable fields should be disposable",
    Justification = "xunit disposes of it asynchronously."
)]
public sealed class WiredCluster : IAsyncLifetime
{
    private readonly ProxyWiring wiring = new(3);

    /// <summary>Describes it.</summary>
    public WiredCluster() => Nodes = new LocalCluster(_ => wiring.Lay(NumbersByProcess));

    /// <summary>The nodes.</summary>
    public LocalCluster Nodes { get; }

    /// <inheritdoc />
    public Task InitializeAsync() => Nodes.StartAsync();

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await Nodes.DisposeAsync();
        await wiring.DisposeAsync();
    }

    /// <summary>Changes all links from some nodes to others.</summary>
    internal Task SetAsync(IEnumerable<NodeProcess> from, IEnumerable<NodeProcess> to, LinkState state)
    {
        int[] targets = [.. to.Select(NumberOf)];
        return wiring.Network.SetAsync(
            from.SelectMany(sender => targets.Select(target => (NumberOf(sender), target))),
            state
        );
    }

    private int NumberOf(NodeProcess node) => Nodes.Nodes.ToList().IndexOf(node);

    private Dictionary<int, int> NumbersByProcess() =>
        Nodes.Running.Where(node => node.ProcessId is not null).ToDictionary(node => node.ProcessId!.Value, NumberOf);
}
