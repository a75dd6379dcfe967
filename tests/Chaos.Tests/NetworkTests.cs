// The proxies, with this process as the only node that calls: bytes pass, are held, come late, or the connection is
// reset.
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.Network;

namespace RaftLocks.Chaos.Tests;

public sealed class NetworkTests : IDisposable
{
    private const int Caller = 0;
    private const int Called = 1;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    private readonly ProxyNetwork network = new(2, () => new Dictionary<int, int> { [Environment.ProcessId] = Caller });
    private readonly TcpListener node = new(IPAddress.Loopback, 0);
    private readonly int port;

    public NetworkTests()
    {
        node.Start();
        port = network.OpenWayTo(Called, ((IPEndPoint)node.LocalEndpoint).Port);
    }

    [Fact]
    public async Task Bytes_pass_both_ways_and_so_does_the_end()
    {
        using var caller = await CallAsync();
        using var called = await node.AcceptSocketAsync();
        await SendAsync(caller, 1);
        Assert.Equal(1, await ReceiveAsync(called));
        await SendAsync(called, 2);
        Assert.Equal(2, await ReceiveAsync(caller));
        caller.Shutdown(SocketShutdown.Send);
        Assert.Null(await ReceiveAsync(called));
        await SendAsync(called, 3);
        Assert.Equal(3, await ReceiveAsync(caller));
    }

    [Fact]
    public async Task A_link_that_breaks_too_late_for_a_connection_that_ended_breaks_nothing()
    {
        using var caller = await CallAsync();
        var there = new Link();
        var connection = new ProxiedConnection(caller, (IPEndPoint)node.LocalEndpoint, there, new Link());
        Assert.True(there.TryAdd(connection));
        connection.Dispose();

        there.Set(new LinkState(IsBroken: true));
    }

    [Fact]
    public async Task A_held_direction_is_silent_and_the_other_is_not()
    {
        using var caller = await CallAsync();
        using var called = await node.AcceptSocketAsync();
        await SetAsync(Caller, Called, new LinkState(IsHeld: true));
        await SendAsync(caller, 1);
        var arrives = ReceiveAsync(called);
        await SendAsync(called, 2);
        Assert.Equal(2, await ReceiveAsync(caller));
        await Task.Delay(Silence);
        Assert.False(arrives.IsCompleted);

        await SetAsync(Caller, Called, default);
        Assert.Equal(1, await arrives);
    }

    [Fact]
    public async Task A_mute_node_accepts_and_never_answers()
    {
        await SetAsync(Called, Caller, new LinkState(HoldsAnswers: true));
        using var caller = await CallAsync();
        using var called = await node.AcceptSocketAsync();
        await SendAsync(caller, 1);
        Assert.Equal(1, await ReceiveAsync(called));
        await SendAsync(called, 2);
        var answer = ReceiveAsync(caller);
        await Task.Delay(Silence);
        Assert.False(answer.IsCompleted);
        await SetAsync(Called, Caller, default);
        Assert.Equal(2, await answer);
    }

    [Theory]
    [InlineData(Caller, Called)]
    [InlineData(Called, Caller)]
    public async Task A_broken_direction_resets_connections_and_refuses_new_ones(int from, int to)
    {
        using var caller = await CallAsync();
        using var called = await node.AcceptSocketAsync();
        await SetAsync(from, to, new LinkState(IsBroken: true));
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(caller));
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(called));
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var again = await CallAsync();
            await ReceiveAsync(again);
        });
    }

    [Fact]
    public async Task A_node_that_swallows_connections_does_not_even_accept_them_and_hears_nothing_on_old_ones()
    {
        using var old = await CallAsync();
        using var called = await node.AcceptSocketAsync();
        await SetAsync(Caller, Called, new LinkState(Swallows: true));
        await SendAsync(old, 1);
        using (var silence = new CancellationTokenSource(Silence))
        using (var swallowed = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
                await swallowed.ConnectAsync(IPAddress.Loopback, port, silence.Token)
            );
        }

        // What was swallowed is gone: the kernel would go on calling, and might be the first to be let in below.
        Assert.Equal(0, called.Available);

        await SetAsync(Caller, Called, default);
        Assert.Equal(1, await ReceiveAsync(called));
        using var accepted = await CallAsync();
        await SendAsync(accepted, 2);
        using var next = await node.AcceptSocketAsync();
        Assert.Equal(2, await ReceiveAsync(next));
    }

    [Fact]
    public async Task A_delayed_direction_is_late()
    {
        const int DelayMs = 200;
        using var caller = await CallAsync();
        using var called = await node.AcceptSocketAsync();
        await SetAsync(Caller, Called, new LinkState(DelayMs: DelayMs));
        var clock = Stopwatch.StartNew();
        await SendAsync(caller, 1);
        Assert.Equal(1, await ReceiveAsync(called));
        Assert.True(clock.ElapsedMilliseconds >= DelayMs - 1, $"{clock.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task A_stranger_gets_nowhere()
    {
        using var strangers = new ProxyNetwork(2, () => new Dictionary<int, int>());
        using var caller = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await caller.ConnectAsync(
            IPAddress.Loopback,
            strangers.OpenWayTo(Called, ((IPEndPoint)node.LocalEndpoint).Port)
        );
        Assert.Null(await ReceiveAsync(caller));
    }

    [Theory]
    [InlineData("Partition", "0", "0>1 0>2 1>0 2>0")]
    [InlineData("Break", "0 1", "0>2 1>2 2>0 2>1")]
    [InlineData("Deaf", "1", "0>1 2>1")]
    [InlineData("Silent", "1", "1>0 1>2")]
    [InlineData("Mute", "1", "1>0 1>2")]
    [InlineData("Bridge", "0 2", "0>2 2>0")]
    [InlineData("Delay", "2", "0>2 1>2 2>0 2>1")]
    [InlineData("Partition", "0 1 2", "0>1 0>2 1>0 1>2 2>0 2>1")]
    public void Each_shape_is_about_its_links(string kind, string nodes, string links) =>
        Assert.Equal(
            links,
            string.Join(
                ' ',
                NetworkFaults
                    .LinksOf(Enum.Parse<FaultKind>(kind), [.. nodes.Split(' ').Select(int.Parse)], nodes: 3)
                    .Select(link => $"{link.From}>{link.To}")
            )
        );

    public void Dispose()
    {
        network.Dispose();
        node.Dispose();
    }

    private async Task<Socket> CallAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private Task SetAsync(int from, int to, LinkState state) => network.SetAsync([(from, to)], state);

    private static async Task SendAsync(Socket socket, byte value) => await socket.SendAsync(new[] { value });

    private static async Task<int?> ReceiveAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(Bound);
        var buffer = new byte[1];
        return await socket.ReceiveAsync(buffer, timeout.Token) == 0 ? null : buffer[0];
    }
}
