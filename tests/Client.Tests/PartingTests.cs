// How a connection ends on the wire: the node reads all that was sent and then an end, never a reset.
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using RaftLocks.Client.Sessions;
using RaftLocks.Client.Wire;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public sealed class PartingTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public PartingTests() => listener.Start();

    public void Dispose() => listener.Dispose();

    [Fact]
    public async Task A_close_ends_the_sending_and_what_the_node_still_says_is_read()
    {
        var accepting = AcceptAsync();
        var connecting = Task.Run(() =>
            new WebSocketConnector(Options(), "token").Connect(Url, CancellationToken.None)
        );
        using var node = await accepting;
        using var wire = await connecting.WaitAsync(Bound);
        var received = Task.Run(() => Encoding.UTF8.GetString(wire.Receive().Message.Span));

        wire.Send("the last"u8, hasMore: false);
        wire.Close();

        // A text of eight bytes and a close frame, both masked; then the end. A reset would throw here.
        Assert.Equal(6 + 8 + 6 + 2, await ReadToEndAsync(node));
        await SayAsync(node, "late");
        Assert.Equal("late", await received.WaitAsync(Bound));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_ends_though_the_node_does_not_end_the_connection_and_lets_go_of_it_later(bool blocks)
    {
        var options = Options();
        options.ReleaseTimeout = TimeSpan.Zero;
        var client = new RaftLocksClient(options);
        var accepting = AcceptAsync();
        var asking = client.AcquireAsync(Write("a"));
        using var node = await accepting;
        await SayAsync(node, """{"action":"resume","state":"ready"}""");
        await Eventually.HoldsAsync("the client is connected", Bound, () => Task.FromResult(client.IsConnected));

        var ending = blocks ? Task.Run(client.Dispose) : client.DisposeAsync().AsTask();
        await ending.WaitAsync(Bound);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking);
        Assert.True(await ReadToEndAsync(node) > 0);
        await Eventually.HoldsAsync("the client lets go of the connection", Bound, async () => await IsGoneAsync(node));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public async Task What_comes_after_the_end_of_a_client_may_block_and_all_timers_go_on(int releaseTimeoutMs)
    {
        var options = Options();
        options.ReleaseTimeout = TimeSpan.FromMilliseconds(releaseTimeoutMs);
        var client = new RaftLocksClient(options);
        var accepting = AcceptAsync();
        var asking = client.AcquireAsync(Write("a"));
        using var node = await accepting;
        await SayAsync(node, """{"action":"resume","state":"ready"}""");
        await Eventually.HoldsAsync("the client is connected", Bound, () => Task.FromResult(client.IsConnected));

        // The node confirms nothing and does not end the connection, so that both of its waits are ended by a timer.
        var goesOn = await Task.Run(async () =>
        {
            await client.DisposeAsync().ConfigureAwait(false);
            using var fired = new ManualResetEventSlim();
            using var timer = SuspendAwareClock.Instance.CreateTimer(
                _ => fired.Set(),
                null,
                TimeSpan.Zero,
                Timeout.InfiniteTimeSpan
            );
            return fired.Wait(TimeSpan.FromSeconds(10));
        });

        Assert.True(goesOn, "what comes after the end runs on the thread of the timers");
        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking);
    }

    private Uri Url => new($"http://{listener.LocalEndpoint}");

    private RaftLocksOptions Options() => new() { Nodes = [Url] };

    /// <summary>Accepts a connection and its handshake.</summary>
    private async Task<Socket> AcceptAsync()
    {
        var socket = await listener.AcceptSocketAsync().WaitAsync(Bound);
        var request = "";
        var buffer = new byte[4096];
        while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            request += Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer).WaitAsync(Bound));
        }

        var key = request
            .Split("\r\n")
            .Single(line => line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase))[18..]
            .Trim();
#pragma warning disable CA5350 // It is the handshake of RFC 6455, no protection.
        var proof = Convert.ToBase64String(
            SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
        );
#pragma warning restore CA5350
        await socket.SendAsync(
            Encoding.ASCII.GetBytes(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                    + $"Upgrade\r\nSec-WebSocket-Accept: {proof}\r\n\r\n"
            )
        );
        return socket;
    }

    private static async Task SayAsync(Socket node, string text) =>
        await node.SendAsync((byte[])[0x81, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)]);

    private static async Task<int> ReadToEndAsync(Socket node)
    {
        var buffer = new byte[4096];
        for (var all = 0; ;)
        {
            var read = await node.ReceiveAsync(buffer).WaitAsync(Bound);
            if (read == 0)
            {
                return all;
            }

            all += read;
        }
    }

    private static async Task<bool> IsGoneAsync(Socket node)
    {
        try
        {
            await SayAsync(node, "still there?");
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
