// What the web server refuses by itself is refused with a sentence; what it takes is not touched.
using System.Buffers;
using System.Net.Sockets;
using System.Text;
using RaftLocks.Node.Endpoints;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Http;

public class FirstRequestCheckTests
{
    public static TheoryData<string, string, string> Refused =>
        new()
        {
            {
                "GET /v1?namespace=" + new string('a', 5_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "414",
                "longer than 4096 bytes"
            },
            { "GET /v1?namespace=größe HTTP/1.1\r\nHost: localhost\r\n\r\n", "400", "percent-encoded" },
            { "GET /v1?namespace=a b HTTP/1.1\r\nHost: localhost\r\n\r\n", "400", "percent-encoded" },
            { "GET /v1?namespace=a HTTP/1.1\r\nAccept: */*\r\n\r\n", "400", "no Host" },
            { "hello\r\n\r\n", "400", "no HTTP request" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task The_servers_own_refusals_have_a_sentence(string sent, string status, string named)
    {
        await using var node = await SingleNode.StartAsync();

        var answer = await AskAsync(node.Url, sent);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(named, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nConnection: close\r\nhOsT: localhost\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    public async Task What_the_server_takes_is_not_touched(string sent)
    {
        await using var node = await SingleNode.StartAsync();

        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(node.Url, sent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_comes_in_pieces_is_served()
    {
        await using var node = await SingleNode.StartAsync();

        Assert.StartsWith(
            "HTTP/1.1 200 ",
            await AskAsync(node.Url, "GET / HT", "TP/1.1\r\nHo", "st: localhost\r\nConnection: close\r\n\r\n"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_request_whose_client_then_ends_its_sending_is_answered_all_the_same()
    {
        await using var node = await SingleNode.StartAsync();
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(node.Url.Host, node.Url.Port);
        var stream = tcp.GetStream();
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        tcp.Client.Shutdown(SocketShutdown.Send);

        using var answer = new StreamReader(stream, Encoding.UTF8);
        Assert.StartsWith(
            "HTTP/1.1 200 ",
            await answer.ReadToEndAsync().WaitAsync(WireClient.WaitBound),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_first_lock_that_a_node_suggests_works_on_a_follower_that_redirects_too()
    {
        var url = new Uri("http://127.0.0.1:9009");
        var settings = new RaftLocks.Node.Foundation.NodeSettings
        {
            Name = "n1",
            ListenUrls = [url.AbsoluteUri],
            DataDirectory = "/nowhere",
            Members = [new Member("n1", "127.0.0.1", 0, url, url)],
        };

        // -L follows redirects.
        Assert.Contains(
            "wscat -L -c \"ws://127.0.0.1:9009/v1?namespace=demo\"",
            ReadyText.For(settings, ["http://127.0.0.1:9009"]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void TLS_and_what_is_not_whole_are_left_to_the_server()
    {
        Assert.Null(FirstRequestCheck.Check(new ReadOnlySequence<byte>([0x16, 0x03, 0x01]), out var isWhole));
        Assert.True(isWhole);
        Assert.Null(FirstRequestCheck.Check(new ReadOnlySequence<byte>("GET / HT"u8.ToArray()), out isWhole));
        Assert.False(isWhole);
    }

    private static async Task<string> AskAsync(Uri node, params string[] pieces)
    {
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(node.Host, node.Port);
        var stream = tcp.GetStream();
        foreach (var piece in pieces)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(piece));
            await stream.FlushAsync();
        }

        using var answer = new StreamReader(stream, Encoding.UTF8);
        return await answer.ReadToEndAsync().WaitAsync(WireClient.WaitBound);
    }
}
