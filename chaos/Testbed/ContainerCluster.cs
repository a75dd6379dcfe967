// The nodes of docker-compose.yml, as a project of its own that is taken down in the end, volumes included. The image
// raftlocks-node must be built, and the ports 9009 to 9011 free.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Faults;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Testbed;

/// <summary>A cluster of containers.</summary>
internal sealed class ContainerCluster(string followerMode) : ICluster
{
    /// <summary>The number of nodes in the compose file.</summary>
    public const int Size = 3;

    private const string Project = "raftlocks-chaos";
    private const string Network = Project + "_raftlocks";
    private const int FirstPort = 9009;
    private static readonly string[] Names = ["n1", "n2", "n3"];
    private static readonly string[] Heads = [.. Names.Select(name => $"http://{name}:{FirstPort}")];
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(90);

    private ContainerNode[] nodes = [];

    /// <inheritdoc/>
    public IReadOnlyList<INode> Nodes => nodes;

    /// <inheritdoc/>
    public string? AdminToken => null;

    /// <inheritdoc/>
    public IReadOnlyList<IInjector> Injectors(int seed, Action<Violation> report) =>
        [new ProcessFaults(this), new ContainerFaults(Network, nodes)];

    /// <inheritdoc/>
    public async Task StartAsync()
    {
        await ComposeAsync("down", "--volumes");
        await ComposeAsync("up", "--detach", "--no-build");
        var started = new List<ContainerNode>();
        for (var i = 0; i < Size; i++)
        {
            var container = await ComposeAsync("ps", "-q", Names[i]);
            started.Add(new ContainerNode(Names[i], container, new Uri($"http://127.0.0.1:{FirstPort + i}"), Heads));
        }

        nodes = [.. started];
        if (!await this.BecomesWholeAsync(StartBound))
        {
            throw new TimeoutException(
                $"The containers were not ready after {StartBound.TotalSeconds:F0} s: "
                    + $"{await ComposeAsync("logs", "--tail", "20")}"
            );
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ComposeAsync("down", "--volumes", "--timeout", "5");
        Array.ForEach(nodes, node => node.Dispose());
    }

    private async Task<string> ComposeAsync(params string[] command)
    {
        var hasPlugin = await Tool.RunToEndAsync("docker", ["compose", "version"]) is { Code: 0 };
        string[] all =
        [
            .. hasPlugin ? ["compose"] : Array.Empty<string>(),
            "--project-name",
            Project,
            "--file",
            Path.Combine(NodeBinary.RepositoryRoot, "docker-compose.yml"),
            .. command,
        ];
        return await Tool.RunAsync(
            "env",
            [$"RAFTLOCKS_FOLLOWER_MODE={followerMode}", hasPlugin ? "docker" : "docker-compose", .. all]
        );
    }
}
