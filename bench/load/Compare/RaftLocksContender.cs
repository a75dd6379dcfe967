using RaftLocks.Cluster;
using RaftLocks.Load.Clients;

namespace RaftLocks.Load.Compare;

/// <summary>RaftLocks as built from these sources: some nodes, each a process with its own data folder.</summary>
internal sealed record RaftLocksContender(int Nodes) : IContender
{
    /// <inheritdoc />
    public string Name => Nodes == 1 ? "raftlocks, 1 node" : $"raftlocks, {Nodes} nodes";

    /// <inheritdoc />
    public bool Serves(string load) => true;

    /// <inheritdoc />
    public async Task<IRunning> StartAsync()
    {
        var cluster = new LocalCluster(Nodes);
        try
        {
            await cluster.StartAsync();
            return new Running(cluster, (await cluster.LeaderAsync()).Url);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private sealed class Running(LocalCluster cluster, Uri leader) : IRunning
    {
        private readonly WireServer server = new(leader, "load", seed: 1);

        public ILockServer Server => server;

        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            await cluster.DisposeAsync();
        }
    }
}

/// <summary>A server of protocol v1 that somebody else has started and will stop.</summary>
internal sealed record WireContender(string Name, Uri Url) : IContender
{
    /// <inheritdoc />
    public bool Serves(string load) => true;

    /// <inheritdoc />
    public Task<IRunning> StartAsync() => Task.FromResult<IRunning>(new Running(Url));

    private sealed class Running(Uri url) : IRunning
    {
        private readonly WireServer server = new(url, "load", seed: 1);

        public ILockServer Server => server;

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
