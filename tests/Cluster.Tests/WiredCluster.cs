using RaftLocks.Chaos.Network;

namespace RaftLocks.Cluster.Tests;

// Three nodes that reach each other through proxies (chaos/Network), one for each direction: so a test can hurt one direction and leave the connections open.

/// <summary>A cluster with links that can be cut, shared by the tests of one class.</summary>
public sealed class WiredCluster : IAsyncLifetime
{
    private readonly ProxyWiring _wiring = new(3);

    /// <summary>Describes it.</summary>
    public WiredCluster() => Nodes = new LocalCluster(_ => _wiring.Lay(NumbersByProcess));

    /// <summary>The nodes.</summary>
    public LocalCluster Nodes { get; }

    /// <inheritdoc />
    public Task InitializeAsync() => Nodes.StartAsync();

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await Nodes.DisposeAsync();
        await _wiring.DisposeAsync();
    }

    /// <summary>Changes all links from some nodes to others.</summary>
    internal Task SetAsync(IEnumerable<NodeProcess> from, IEnumerable<NodeProcess> to, LinkState state)
    {
        int[] targets = [.. to.Select(NumberOf)];
        return _wiring.Network.SetAsync(from.SelectMany(sender => targets.Select(target => (NumberOf(sender), target))), state);
    }

    private int NumberOf(NodeProcess node) => Nodes.Nodes.ToList().IndexOf(node);

    private Dictionary<int, int> NumbersByProcess() =>
        Nodes.Running.Where(node => node.ProcessId is not null).ToDictionary(node => node.ProcessId!.Value, NumberOf);
}
