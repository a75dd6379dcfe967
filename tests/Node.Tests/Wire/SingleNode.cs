// A whole single node in this process, on a real port, with its data in a temporary folder.
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Wire;

internal sealed class SingleNode : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(20);

    private readonly NodeSettings settings;
    private readonly string folder;
    private readonly List<WireClient> clients = [];

    private RunningNode node;

    private SingleNode(NodeSettings settings, string folder)
    {
        this.settings = settings;
        this.folder = folder;
        node = Make(settings);
    }

    public string Folder => folder;

    public RunningNode Running => node;

    public Uri Url => new(node.ListensOn[0]);

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    public static async Task<SingleNode> StartAsync(Func<NodeSettings, NodeSettings>? change = null)
    {
        var root = Directory.CreateTempSubdirectory("raftlocks-").FullName;
        var url = new Uri("http://127.0.0.1:9009");
        var usual = new NodeSettings
        {
            Name = "n1",
            ListenUrls = ["http://127.0.0.1:0"],
            DataDirectory = root,
            Members = [new Member("n1", "127.0.0.1", 0, url, url)],
        };
        var single = new SingleNode(change?.Invoke(usual) ?? usual, root);
        await single.node.StartAsync();
        await single.node.Serves.WaitAsync(StartBound);
        return single;
    }

    /// <summary>Ends, and starts again on the same data, at an address of its own.</summary>
    public async Task RestartAsync()
    {
        await node.DisposeAsync();
        node = Make(settings);
        await node.StartAsync();
        await node.Serves.WaitAsync(StartBound);
    }

    public Task StopAsync() => node.StopAsync();

    public async Task<WireClient> ConnectAsync(
        string ns,
        long? abandonTimeoutMs = null,
        bool answersPings = true,
        string extensions = ""
    )
    {
        var client = await WireClient.ConnectAsync(Url, ns, abandonTimeoutMs, answersPings, extensions);
        clients.Add(client);
        return client;
    }

    /// <summary>Connects with more in the query than v1 knows: "&amp;session=…".</summary>
    public async Task<WireClient> ConnectExtendedAsync(string ns, string extensions, long? abandonTimeoutMs = null)
    {
        var client = await WireClient.ConnectAsync(Url, ns, abandonTimeoutMs, extensions: extensions);
        clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
        {
            client.Dispose();
        }

        await node.DisposeAsync();
        Http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static RunningNode Make(NodeSettings settings) =>
        new(settings, new ConfigurationBuilder().Build(), NullLoggerFactory.Instance, TimeProvider.System);
}
