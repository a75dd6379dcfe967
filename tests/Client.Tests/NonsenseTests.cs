// Addresses that answer nonsense: each is skipped for the others, which serve. Real HTTP, real sockets.
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RaftLocks.Client.Tests.Scripted;
using RaftLocks.Client.Wire;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public sealed class NonsenseTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static TheoryData<int, string?> Answers =>
        new()
        {
            { 404, null },
            { 401, null },
            { 403, null },
            { 400, null },
            { 200, null },
            { 204, null },
            { 500, null },
            { 503, null },
            { 302, "https://login.example.invalid/" },
            { 307, "gopher://127.0.0.1:70/" },
            { 307, "mailto:admin@example.invalid" },
            { 307, "http://" },
            { 307, "\u00e4\u00f6\u00fc://:x" },
            { 307, "" },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_web_server_that_is_no_node_is_skipped_for_a_node(int status, string? location)
    {
        await using var other = await ScriptedNode.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            if (location is not null)
            {
                context.Response.Headers["Location"] = location;
            }

            return Task.CompletedTask;
        });
        await using var node = await NodeAsync();

        await AcquireAsync(other.Url, node.Url);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", false)]
    [InlineData("HTTP/1.1 abc\r\n\r\n", false)]
    [InlineData(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: bm9uc2Vuc2U=\r\n\r\n",
        false
    )]
    [InlineData("", true)]
    public async Task A_server_that_is_no_web_server_is_skipped_for_a_node(string answer, bool closes)
    {
        using var other = new RawServer(Encoding.ASCII.GetBytes(answer), closes);
        await using var node = await NodeAsync();

        await AcquireAsync(other.Url, node.Url);
    }

    [Fact]
    public async Task A_server_that_accepts_and_never_answers_is_skipped_within_seconds()
    {
        using var frozen = new RawServer([], closes: false);
        await using var node = await NodeAsync();

        await AcquireAsync(frozen.Url, node.Url);
    }

    [Fact]
    public async Task A_server_that_does_not_even_accept_is_skipped_within_seconds()
    {
        // A listener whose queue is full: further connections are neither accepted nor refused.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var port = ((IPEndPoint)full.LocalEndPoint!).Port;
        var fillers = new List<Socket>();
        for (var i = 0; i < 4; i++)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            {
                Blocking = false,
            };
            fillers.Add(filler);
            Assert.Throws<SocketException>(() => filler.Connect(IPAddress.Loopback, port));
        }

        await using var node = await NodeAsync();

        await AcquireAsync(new Uri($"http://127.0.0.1:{port}"), node.Url);
        fillers.ForEach(filler => filler.Dispose());
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("{}")]
    [InlineData("{\"action\":\"lock\",\"state\":\"ready\"}")]
    [InlineData("[1,2]")]
    public async Task A_web_socket_of_another_product_is_skipped_for_a_node(string says)
    {
        await using var other = await ScriptedNode.StartAsync(context =>
            ScriptedNode.ServeAsync(context, says, _ => says)
        );
        await using var node = await NodeAsync();

        await AcquireAsync(other.Url, node.Url);
    }

    [Fact]
    public async Task An_address_whose_name_does_not_exist_is_skipped_for_a_node()
    {
        await using var node = await NodeAsync();

        await AcquireAsync(new Uri("http://no-such-host.invalid:9009"), node.Url);
    }

    [Fact]
    public async Task When_all_addresses_are_nonsense_the_caller_is_told_at_once_what_each_of_them_said()
    {
        await using var one = await ScriptedNode.StartAsync(context => WriteAsync(context, 404, "no such page"));
        await using var other = await ScriptedNode.StartAsync(context => WriteAsync(context, 401, "who are you"));
        await using var locks = Client(one.Url, other.Url);

        var refused = await Assert.ThrowsAsync<LockRefusedException>(() =>
            locks.AcquireAsync(Write("a")).WaitAsync(Bound)
        );

        Assert.Equal(RefusalReason.ClientRefused, refused.Reason);
        Assert.Contains("no such page", refused.Message, StringComparison.Ordinal);
        Assert.Contains("who are you", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_from_an_encrypted_to_a_plain_connection_would_tell_the_session_and_is_not_followed()
    {
        var connector = new WebSocketConnector(
            new RaftLocksOptions { Nodes = [new Uri("https://127.0.0.1:1")] },
            new string('a', 64)
        );
        var next = typeof(WebSocketConnector).GetMethod(
            "Next",
            System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static
        )!;

        var refused = Assert.Throws<System.Reflection.TargetInvocationException>(() =>
            next.Invoke(connector, [new Uri("https://a/v1"), "http://b/v1"])
        );

        Assert.Contains(
            "not encrypted",
            Assert.IsType<ConnectException>(refused.InnerException).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(new Uri("https://b/v1"), next.Invoke(connector, [new Uri("https://a/v1"), "https://b/v1"]));
        Assert.Equal(new Uri("http://a/v2"), next.Invoke(connector, [new Uri("http://a/v1"), "/v2"]));
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData("ws")]
    [InlineData("http")]
    public async Task A_redirect_by_either_scheme_is_followed(string scheme)
    {
        await using var node = await NodeAsync();
        await using var follower = await ScriptedNode.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location =
                $"{scheme}://{node.Url.Authority}{context.Request.Path}{context.Request.QueryString}";
            return Task.CompletedTask;
        });

        await AcquireAsync(follower.Url);
    }

    // The nonsense may be asked first or second: two locks of two clients see both in almost all runs, and each must
    // come through either way.
    private static async Task AcquireAsync(params Uri[] nodes)
    {
        await using var locks = Client(nodes);
        await using var held = await locks.AcquireAsync(Write("a")).WaitAsync(Bound);
        await using var reversed = Client([.. nodes.Reverse()]);
        await using var second = await reversed.AcquireAsync(Write("a")).WaitAsync(Bound);
        Assert.False(held.IsLost || second.IsLost);
    }

    private static RaftLocksClient Client(params Uri[] nodes) => new(new RaftLocksOptions { Nodes = nodes });

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text);
    }

    private static Task<ScriptedNode> NodeAsync() =>
        ScriptedNode.StartAsync(context =>
            ScriptedNode.ServeAsync(
                context,
                """{"action":"resume","state":"ready"}""",
                message =>
                {
                    var json = JsonDocument.Parse(message).RootElement;
                    return json.GetProperty("action").GetString() switch
                    {
                        "ping" => $$"""{"action":"pong","t":"{{json.GetProperty("t").GetString()}}"}""",
                        "lock" => ScriptedWire.Reply(json.GetProperty("channel").GetString()!, 5, "lock", "acquired"),
                        _ => ScriptedWire.Reply(json.GetProperty("channel").GetString()!, 5, "release", "ready"),
                    };
                }
            )
        );

    /// <summary>Accepts connections, answers each with the same bytes, and keeps or closes it.</summary>
    private sealed class RawServer : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly List<TcpClient> accepted = [];

        public RawServer(byte[] answer, bool closes)
        {
            listener.Start();
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
            _ = ServeAsync(answer, closes);
        }

        public Uri Url { get; }

        public void Dispose()
        {
            listener.Dispose();
            accepted.ForEach(client => client.Dispose());
        }

        private async Task ServeAsync(byte[] answer, bool closes)
        {
            try
            {
                while (true)
                {
                    var client = await listener.AcceptTcpClientAsync();
                    accepted.Add(client);
                    await client.GetStream().WriteAsync(answer);
                    if (closes)
                    {
                        client.Dispose();
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        }
    }
}
