// A node that is a container of docker-compose.yml.
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Testbed;

/// <summary>A container.</summary>
internal sealed class ContainerNode(string name, string container, Uri url, IReadOnlyList<string> heads)
    : INode,
        IDisposable
{
    private const string StopTimeoutS = "20";

    /// <summary>The container's id.</summary>
    public string Container => container;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Uri Url => url;

    /// <inheritdoc/>
    public NodeHttp Http { get; } = new(url);

    /// <summary>
    /// Whether it runs, as far as this run has changed that; docker starts again what ended by itself.
    /// </summary>
    public bool IsRunning { get; private set; } = true;

    /// <inheritdoc/>
    public bool IsFrozen { get; private set; }

    /// <inheritdoc/>
    public string LastWords => $"docker logs {container}";

    /// <inheritdoc/>
    public async Task<string> LogAsync() => (await Tool.RunToEndAsync("docker", ["logs", container])).Words;

    /// <inheritdoc/>
    public async Task KillAsync()
    {
        IsRunning = false;
        await Tool.RunAsync("docker", ["kill", container]);
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        IsRunning = false;
        await Tool.RunAsync("docker", ["stop", "--time", StopTimeoutS, container]);
    }

    /// <inheritdoc/>
    public async Task StartAsync()
    {
        await Tool.RunAsync("docker", ["start", container]);
        IsRunning = true;
    }

    /// <inheritdoc/>
    public async Task FreezeAsync()
    {
        IsFrozen = true;
        await Tool.RunAsync("docker", ["pause", container]);
    }

    /// <inheritdoc/>
    public async Task ThawAsync()
    {
        await Tool.RunAsync("docker", ["unpause", container]);
        IsFrozen = false;
    }

    /// <inheritdoc/>
    public Task<(int Code, string Words)> VerifyAsync()
    {
        var given = heads.SelectMany(head => new[] { "--head", head });
        return Tool.RunToEndAsync("docker", ["exec", container, "raftlocks", "verify", "/data", .. given]);
    }

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();
}
