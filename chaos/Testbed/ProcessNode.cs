// A node that is a process of this machine.
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Testbed;

/// <summary>A process.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="name">The node's name.</param>
/// <param name="formerLogs">What nodes wrote before they were replaced, by name.</param>
internal sealed class ProcessNode(LocalCluster cluster, string name, IReadOnlyDictionary<string, string> formerLogs)
    : INode
{
    private const int ShownLines = 3;
    private static readonly TimeSpan ExitBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan VerifyBound = TimeSpan.FromMinutes(5);

    /// <summary>The process as it is now: a node that was replaced has another.</summary>
    public NodeProcess Process => cluster.Nodes.First(node => node.Name == name);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Uri Url => Process.Url;

    /// <inheritdoc/>
    public NodeHttp Http => Process.Http;

    /// <inheritdoc/>
    public bool IsRunning => Process.IsRunning;

    /// <inheritdoc/>
    public bool IsFrozen => Process.IsFrozen;

    /// <inheritdoc/>
    public string LastWords =>
        $"code {Process.ExitCode}: {string.Join(" / ", Process.Log.Split('\n').TakeLast(ShownLines))}";

    /// <inheritdoc/>
    public Task<string> LogAsync() => Task.FromResult(formerLogs.GetValueOrDefault(name) + Process.Log);

    /// <inheritdoc/>
    public Task KillAsync() => Process.KillAsync();

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        Process.Terminate();
        await Process.WaitForExitAsync(ExitBound);
    }

    /// <inheritdoc/>
    public Task StartAsync()
    {
        Process.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task FreezeAsync() => Process.FreezeAsync();

    /// <inheritdoc/>
    public Task ThawAsync()
    {
        Process.Thaw();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<(int Code, string Words)> VerifyAsync()
    {
        var heads = cluster
            .Nodes.Where(node => node.IsRunning)
            .SelectMany(node => new[] { "--head", node.Url.ToString() });
        string[] arguments = ["verify", cluster.DataOf(name), .. heads];
        await using var verify = new NodeProcess("verify", url: null, Path.GetTempPath(), arguments)
        {
            Program = NodeBinary.CommandLine,
        };
        verify.Start();
        return (await verify.WaitForExitAsync(VerifyBound), verify.Log);
    }
}
