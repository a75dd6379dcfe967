// The dashboard without a browser: whole scripts, who is let in, and what it makes of figures and of names that clients
// chose.
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using RaftLocks.Dashboard;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Http;

public class DashboardTests
{
    [Fact]
    public async Task It_is_there_unless_it_is_switched_off()
    {
        await using var with = await SingleNode.StartAsync(settings => settings with { Dashboard = true });
        await using var without = await SingleNode.StartAsync(settings => settings with { Dashboard = false });

        Assert.Equal(HttpStatusCode.OK, (await with.Http.GetAsync(new Uri(with.Url, "/dashboard/"))).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await without.Http.GetAsync(new Uri(without.Url, "/dashboard/"))).StatusCode
        );
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await without.Http.GetAsync(new Uri(without.Url, "/dashboard/_blazor/negotiate"))).StatusCode
        );
    }

    [Theory]
    [InlineData("blazor.js", 100_000)]
    [InlineData("mudblazor.css", 100_000)]
    [InlineData("mudblazor.js", 10_000)]
    [InlineData("dashboard.css", 1_000)]
    [InlineData("start.js", 500)]
    [InlineData("playground.js", 500)]
    [InlineData("icon.svg", 100)]
    public async Task Each_asset_arrives_whole_plain_and_compressed(string name, int least)
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { Dashboard = true });
        using var unpacking = new HttpClient(
            new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip, UseProxy = false }
        );
        var address = new Uri(node.Url, "/dashboard/assets/" + name);

        var plain = await node.Http.GetByteArrayAsync(address);

        Assert.True(plain.Length >= least, $"{plain.Length} bytes");
        Assert.Equal(plain, await unpacking.GetByteArrayAsync(address));
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await node.Http.GetAsync(new Uri(node.Url, "/dashboard/assets/other.js"))).StatusCode
        );
    }

    [Theory]
    [InlineData("/dashboard/")]
    [InlineData("/dashboard/_blazor/negotiate")]
    [InlineData("/dashboard/v1?namespace=n")]
    public async Task Another_web_page_is_not_let_in(string path)
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { Dashboard = true });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, path));
        request.Headers.Add("Origin", "http://elsewhere.example");

        Assert.Equal(HttpStatusCode.Forbidden, (await node.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task No_web_page_administers_without_a_token()
    {
        await using var node = await SingleNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, "/v1/admin/members"));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");

        Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync(new Uri(node.Url, "/v1/admin/members"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.Http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost", true)]
    [InlineData("::1", "[::1]", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("10.0.0.7", "localhost", false)]
    [InlineData("127.0.0.1", "rebound.example", false)]
    [InlineData("127.0.0.1", "localhost", false, "X-Forwarded-For")]
    [InlineData("127.0.0.1", "localhost", false, "Forwarded")]
    public void Only_who_sits_on_the_machine_under_its_own_name_is_local(
        string from,
        string host,
        bool isLocal,
        string? proxy = null
    )
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(from);
        context.Request.Host = new HostString(host, 9009);
        if (proxy is not null)
        {
            context.Request.Headers[proxy] = "10.0.0.7";
        }

        Assert.Equal(isLocal, Origins.IsLocal(context));
    }

    [Fact]
    public async Task The_playground_speaks_the_protocol()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { Dashboard = true });
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new UriBuilder(node.Url)
            {
                Scheme = "ws",
                Path = "/dashboard/v1",
                Query = "namespace=n",
            }.Uri,
            CancellationToken.None
        );
        await socket.SendAsync(
            """{"action":"lock","resources":[{"type":"write","path":["a"]}]}"""u8.ToArray(),
            WebSocketMessageType.Text,
            endOfMessage: true,
            CancellationToken.None
        );

        var answer = new byte[256];
        var received = await socket.ReceiveAsync(answer, CancellationToken.None).WaitAsync(WireClient.WaitBound);

        Assert.Equal(
            """{"id":"1","action":"lock","state":"acquired"}""",
            System.Text.Encoding.UTF8.GetString(answer, 0, received.Count)
        );
    }

    [Fact]
    public async Task Pages_beyond_the_limit_are_refused_and_those_that_end_make_room()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { Dashboard = true });
        var open = new List<ClientWebSocket>();
        for (var i = 0; i < 32; i++)
        {
            open.Add(await PageAsync(node));
        }

        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await Assert.ThrowsAsync<RefusedException>(() => PageAsync(node))).Status
        );
        open[0].Dispose();

        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                open.Add(await PageAsync(node));
                return true;
            }
            catch (RefusedException)
            {
                return false;
            }
        });
        open.ForEach(socket => socket.Dispose());
    }

    [Theory]
    [InlineData("a/b", new[] { "a", "b" })]
    [InlineData("""["a/b","c"]""", new[] { "a/b", "c" })]
    [InlineData("""["","c"]""", new[] { "", "c" })]
    [InlineData("""["[a"]""", new[] { "[a" })]
    [InlineData("[]", new string[0])]
    public void Paths_are_written_so_that_they_can_be_read_again(string text, string[] segments)
    {
        Assert.Equal(text, Words.Path(segments));
        Assert.Equal(segments, Words.Segments(text));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\u202Eb", "a\\u{202E}b")]
    [InlineData("a\nb\0", "a\\u{A}b\\u{0}")]
    [InlineData("grün 😀", "grün 😀")]
    public void Characters_that_hide_or_turn_text_are_made_visible(string text, string shown) =>
        Assert.Equal(shown, Words.Shown(text));

    [Fact]
    public void Charts_tell_what_happened_in_a_second_and_begin_anew_with_another_leader()
    {
        var charts = new ChartFeed();
        var at = DateTimeOffset.UnixEpoch;
        charts.Add("n1", at, Figures(10, 0, 0));
        charts.Add("n1", at.AddSeconds(2), Figures(30, 4, 2));
        charts.Add("n2", at.AddSeconds(3), Figures(1_000, 9, 9));
        charts.Add("n2", at.AddSeconds(4), Figures(1_001, 9, 9));
        charts.Add("n2", at.AddSeconds(5), null);
        charts.Add("n2", at.AddSeconds(6), Figures(1_001, 9, 9));

        Assert.Equal(2, charts.Points.Count);
        Assert.Equal((10, 500), (charts.Points[0].Grants, charts.Points[0].WaitMs));
        Assert.Equal((1, null), (charts.Points[1].Grants, charts.Points[1].WaitMs));
    }

    private static string Figures(int grants, int waits, double seconds) =>
        $$"""
            raftlocks_grants_total{waited="false"} {{grants}}
            raftlocks_wait_duration_seconds_count {{waits}}
            raftlocks_wait_duration_seconds_sum {{seconds}}
            raftlocks_requests{state="held"} 3
            raftlocks_requests{state="waiting"} 1
            """;

    private static async Task<ClientWebSocket> PageAsync(SingleNode node)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(
                new UriBuilder(node.Url) { Scheme = "ws", Path = "/dashboard/_blazor" }.Uri,
                CancellationToken.None
            );
            return socket;
        }
        catch (WebSocketException)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            throw new RefusedException(status);
        }
    }

    private sealed class RefusedException(HttpStatusCode status) : Exception($"refused: {status}")
    {
        public HttpStatusCode Status { get; } = status;
    }
}
