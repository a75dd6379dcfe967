// A node as a process, for all tests that need a real one; each test has a namespace of its own.
namespace RaftLocks.Client.Tests.Real;

public sealed class OneNode : IAsyncLifetime
{
    public LocalCluster Cluster { get; } = new(1);

    public NodeProcess Node => Cluster.Nodes[0];

    public Task InitializeAsync() => Cluster.StartAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    public static RaftLocksClient Client(
        IEnumerable<NodeProcess> nodes,
        string space,
        Action<RaftLocksOptions>? configure = null
    )
    {
        var options = new RaftLocksOptions { Nodes = [.. nodes.Select(node => node.Url)], Namespace = space };
        configure?.Invoke(options);
        return new RaftLocksClient(options);
    }

    public RaftLocksClient Client(string space, Action<RaftLocksOptions>? configure = null) =>
        Client(Cluster.Nodes, space, configure);
}

[CollectionDefinition(Name)]
public sealed class OneNodeTests : ICollectionFixture<OneNode>
{
    public const string Name = "one node";
}
