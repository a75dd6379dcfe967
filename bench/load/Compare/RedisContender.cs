using System.Globalization;
using RaftLocks.Cluster;
using RaftLocks.Load.Clients;
using StackExchange.Redis;

namespace RaftLocks.Load.Compare;

/// <summary>One Redis with an append-only file, flushed "always" (before each answer) or "everysec".</summary>
internal sealed record RedisContender(string AppendFsync) : IContender
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    public string Name => $"redis, fsync {AppendFsync}";

    /// <inheritdoc />
    public bool Serves(string load) => load is "U" or "C" or "H";

    /// <inheritdoc />
    public async Task<IRunning> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("load-redis-").FullName;
        var port = FreePorts.Take(1)[0];
        var process = ForeignProcess.Start(
            "redis-server",
            Path.Combine(folder, "log"),
            "--bind",
            "127.0.0.1",
            "--port",
            port.ToString(CultureInfo.InvariantCulture),
            "--dir",
            folder,
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            AppendFsync
        );
        try
        {
            var connection = await Eventually.FindAsync(
                "a Redis that serves",
                StartBound,
                async () =>
                {
                    process.ThrowIfEnded();
                    try
                    {
                        return await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port}");
                    }
                    catch (RedisConnectionException)
                    {
                        return null;
                    }
                }
            );
            return new Running(folder, process, connection);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private sealed class Running(string folder, ForeignProcess process, ConnectionMultiplexer connection) : IRunning
    {
        public ILockServer Server { get; } = new RedisServer(connection);

        public async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync();
            await process.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
