using System.Net;
using System.Net.Sockets;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Clients that open more connections than a node has files for: they are refused or closed, and Raft, the log and the
// probes never notice. Afterwards the nodes still hear each other: a leader can be replaced.

[Collection(Measured.Name)]
public sealed class OpenFilesTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int OpenFiles = 700;
    private const int Flood = 800;
    private const int ReservedFiles = 512;

    [Fact]
    public async Task A_flood_of_client_connections_takes_no_file_from_raft_or_the_log()
    {
        var cluster = Describe(3);
        foreach (var node in cluster.Nodes)
        {
            node.Launcher = ["bash", "-c", $"ulimit -n {OpenFiles}; exec \"$@\"", "--"];
        }

        await cluster.StartAsync();
        var leader = await cluster.LeaderAsync();
        await Eventually.HoldsAsync(
            "the bound is told after the node is ready",
            AnswerBound,
            () => Task.FromResult(leader.Log.Contains("The limit of open files admits", StringComparison.Ordinal))
        );
        Assert.DoesNotContain("of --max-connections", leader.Log, StringComparison.Ordinal);
        foreach (var node in cluster.Nodes)
        {
            Say($"{node.Name}: {OpenFilesOf(node)} files open before the flood");
            var flood = await FloodAsync(node.Url);
            try
            {
                Assert.True(await IsLiveAsync(node), $"{node.Name}: the probe is not answered");
                var held = await (await ClientAsync(node, "flood")).LockAsync($"while-{node.Name}-is-flooded");
                Assert.Equal("acquired", held.State);
                Say($"{node.Name}: {OpenFilesOf(node)} files open in the flood");
                Assert.InRange(OpenFilesOf(node), 1, OpenFiles - (ReservedFiles / 4));
            }
            finally
            {
                flood.ForEach(socket => socket.Dispose());
            }
        }

        Assert.All(cluster.Nodes, node => Assert.True(node.IsRunning, $"{node.Name} has ended"));
        leader = await cluster.LeaderAsync();
        leader.Terminate();
        Assert.Equal(0, await leader.WaitForExitAsync(AnswerBound));
        Assert.Equal("acquired", (await (await ClientAsync(cluster, "flood")).LockAsync("afterwards")).State);
        await cluster.StartAsync();
        await Replicas.AgreeAsync(cluster);
    }

    [Fact]
    public async Task A_node_that_may_open_too_few_files_says_how_many_it_needs()
    {
        var cluster = Describe(1);
        cluster.Nodes[0].Launcher = ["bash", "-c", "ulimit -n 200; exec \"$@\"", "--"];
        cluster.Nodes[0].Start();
        Assert.Equal(1, await cluster.Nodes[0].WaitForExitAsync(AnswerBound));
        Assert.Contains("LimitNOFILE", cluster.Nodes[0].Log, StringComparison.Ordinal);
    }

    private static int OpenFilesOf(NodeProcess node) => Directory.GetFiles($"/proc/{node.ProcessId}/fd").Length;

    // Each begins a question and never ends it.
    private static async Task<List<Socket>> FloodAsync(Uri node)
    {
        var flood = new List<Socket>();
        for (var i = 0; i < Flood; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            flood.Add(socket);
            using var timeout = new CancellationTokenSource(AnswerBound);
            await socket.ConnectAsync(IPAddress.Loopback, node.Port, timeout.Token);
            try
            {
                await socket.SendAsync("GET / HTTP/1.1\r\n"u8.ToArray());
            }
            catch (SocketException)
            {
                // It was refused at once.
            }
        }

        return flood;
    }

    private static async Task<bool> IsLiveAsync(NodeProcess node) =>
        await node.Http.GetAsync("/health/live") is { Status: HttpStatusCode.OK };
}
