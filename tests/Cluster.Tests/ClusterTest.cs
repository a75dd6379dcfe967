using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// What all tests here share: clusters and clients that end with the test, and the nodes' logs in its output.

/// <summary>A test that starts nodes as processes.</summary>
public abstract class ClusterTest(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>How long a command may take on a busy machine.</summary>
    protected static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(60);

    private const int ShownLogLines = 150;
    private readonly List<NodeProcess> _nodes = [];
    private readonly Stack<IAsyncDisposable> _owned = new();

    /// <inheritdoc />
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        while (_owned.TryPop(out var owned))
        {
            await owned.DisposeAsync();
        }

        foreach (var node in _nodes)
        {
            output.WriteLine($"===== {node.Name} (the last {ShownLogLines} lines)");
            output.WriteLine(string.Join('\n', node.Log.Split('\n').TakeLast(ShownLogLines)));
        }
    }

    /// <summary>Says something in the test's output, measured times above all.</summary>
    protected void Say(string text) => output.WriteLine(text);

    /// <summary>A cluster that has not been started.</summary>
    protected LocalCluster Describe(int size, params string[] settings)
    {
        var cluster = Own(new LocalCluster(size, settings));
        _nodes.AddRange(cluster.Nodes);
        return cluster;
    }

    /// <summary>A cluster whose nodes are all ready.</summary>
    protected async Task<LocalCluster> StartAsync(int size, params string[] settings)
    {
        var cluster = Describe(size, settings);
        await cluster.StartAsync();
        return cluster;
    }

    /// <summary>A client of this very node, redirects followed.</summary>
    protected async Task<WireClient> ClientAsync(NodeProcess node, string ns, long? abandonTimeoutMs = null) =>
        Own(await WireClient.ConnectAsync(node, ns, abandonTimeoutMs));

    /// <summary>A client of whichever node serves.</summary>
    protected async Task<WireClient> ClientAsync(LocalCluster cluster, string ns, long? abandonTimeoutMs = null) =>
        Own(await WireClient.ConnectAsync(cluster, ns, abandonTimeoutMs));

    /// <summary>Ends <paramref name="thing"/> with the test.</summary>
    protected T Own<T>(T thing)
        where T : IAsyncDisposable
    {
        if (thing is NodeProcess node)
        {
            _nodes.Add(node);
        }

        _owned.Push(thing);
        return thing;
    }

    /// <summary>Runs the node's program to its end.</summary>
    protected Task<(int Code, string Log)> RunAsync(params string[] arguments) => RunAsync(NodeBinary.Path, arguments);

    /// <summary>Runs raftlocks, the operator's command line, to its end.</summary>
    protected Task<(int Code, string Log)> OperateAsync(params string[] arguments) =>
        RunAsync(NodeBinary.CommandLine, arguments);

    private async Task<(int Code, string Log)> RunAsync(string program, string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-cli-");
        await using var node = new NodeProcess("command", url: null, folder.FullName, arguments) { Program = program };
        node.Start();
        try
        {
            return (await node.WaitForExitAsync(AnswerBound), node.Log);
        }
        finally
        {
            Say(node.Log);
            await node.DisposeAsync(); // before its folder goes
            folder.Delete(recursive: true);
        }
    }
}
