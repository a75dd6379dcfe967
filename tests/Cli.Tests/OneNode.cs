// A node as a process, for the tests of one class, each in a namespace of its own. It notices frozen clients soon. Each
// class has its node, so that two classes run side by side: most of their tests wait for processes that start and end.
using RaftLocks.Client;

namespace RaftLocks.Cli.Tests;

public sealed class OneNode : IAsyncLifetime
{
    public LocalCluster Cluster { get; } = new(1, "--ping-interval-ms", "500", "--ping-timeout-ms", "2000");

    public NodeProcess Node => Cluster.Nodes[0];

    public Task InitializeAsync() => Cluster.StartAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    public RaftLocksClient Client(string space) =>
        new(
            new RaftLocksOptions
            {
                Nodes = [Node.Url],
                Namespace = space,
                Label = "the test",
            }
        );
}
