// A node as a process, for all tests that need one; each uses a namespace of its own. It notices frozen clients soon.
using RaftLocks.Client;

namespace RaftLocks.Cli.Tests;

public sealed class OneNode : IAsyncLifetime
{
    public LocalCluster Cluster { get; } = new(1, "--ping-interval-ms", "500", "--ping-timeout-ms", "2000");

    public NodeProcess Node => Cluster.Nodes[0];

    public Task InitializeAsync() => Cluster.StartAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    public RaftLocksClient Client(string space) => new(new RaftLocksOptions { Nodes = [Node.Url], Namespace = space, Label = "the test" });
}

[CollectionDefinition(Name)]
public sealed class OneNodeTests : ICollectionFixture<OneNode>
{
    public const string Name = "one node";
}
