using System.Text;
using System.Text.Json;
using RaftLocks.Cluster;
using RaftLocks.Load.Clients;

namespace RaftLocks.Load.Compare;

/// <summary>Three etcd servers with their default settings, fsync included.</summary>
internal sealed class EtcdContender : IContender
{
    private const int Nodes = 3;
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(60);

    /// <inheritdoc />
    public string Name => "etcd, 3 nodes";

    /// <inheritdoc />
    public bool Serves(string load) => load is "U" or "H";

    /// <inheritdoc />
    public async Task<IRunning> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("load-etcd-").FullName;
        var ports = FreePorts.Take(Nodes * 2);
        var clients = ports.Take(Nodes).Select(Address).ToArray();
        var peers = ports.Skip(Nodes).Select(Address).ToArray();
        var initial = string.Join(',', peers.Select((peer, i) => $"e{i}={peer}"));
        var running = new Running(folder);
        try
        {
            for (var i = 0; i < Nodes; i++)
            {
                running.Processes.Add(
                    ForeignProcess.Start(
                        "etcd",
                        Path.Combine(folder, $"e{i}.log"),
                        "--name",
                        $"e{i}",
                        "--data-dir",
                        Path.Combine(folder, $"e{i}"),
                        "--listen-client-urls",
                        clients[i],
                        "--advertise-client-urls",
                        clients[i],
                        "--listen-peer-urls",
                        peers[i],
                        "--initial-advertise-peer-urls",
                        peers[i],
                        "--initial-cluster",
                        initial,
                        "--initial-cluster-token",
                        Path.GetFileName(folder)
                    )
                );
            }

            running.Server = new EtcdServer(await LeaderAsync(clients, running));
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    private static string Address(int port) => $"http://127.0.0.1:{port}";

    // The leader is the member whose own id is the leader's (the JSON gateway of etcd's status call).
    private static Task<Uri> LeaderAsync(string[] clients, Running running) =>
        Eventually.FindAsync(
            "an etcd leader",
            StartBound,
            async () =>
            {
                running.Processes.ForEach(process => process.ThrowIfEnded());
                using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
                {
                    Timeout = TimeSpan.FromSeconds(2),
                };
                foreach (var client in clients)
                {
                    try
                    {
                        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
                        using var answer = await http.PostAsync(new Uri($"{client}/v3/maintenance/status"), body);
                        var status = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
                        if (
                            status.TryGetProperty("leader", out var leader)
                            && leader.GetString() == status.GetProperty("header").GetProperty("member_id").GetString()
                        )
                        {
                            return new Uri(client);
                        }
                    }
                    catch (Exception notYet)
                        when (notYet is HttpRequestException or OperationCanceledException or JsonException)
                    { }
                }

                return null;
            }
        );

    private sealed class Running(string folder) : IRunning
    {
        public List<ForeignProcess> Processes { get; } = [];

        public ILockServer Server { get; set; } = null!;

        public async ValueTask DisposeAsync()
        {
            foreach (var process in Processes)
            {
                await process.DisposeAsync();
            }

            Directory.Delete(folder, recursive: true);
        }
    }
}
