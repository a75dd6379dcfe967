// The pages, the probes and the refusals of a handshake.
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace RaftLocks.Node.Tests.Wire;

public class HttpTests
{
    [Fact]
    public async Task The_home_page_is_short_and_names_the_node()
    {
        await using var node = await SingleNode.StartAsync();

        var answer = await node.Http.GetAsync(node.Url);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(answer.Headers.Server);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("n1", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 1, 4_000);
    }

    [Fact]
    public async Task The_pages_answer_while_namespaces_are_made()
    {
        await using var node = await SingleNode.StartAsync();
        using var done = new CancellationTokenSource();
        var looking = Task.Run(async () =>
        {
            var looks = 0;
            while (!done.IsCancellationRequested)
            {
                foreach (var page in new[] { "/", "/v1/cluster", "/stats_v1?namespace=n7", "/health/ready" })
                {
                    Assert.True(
                        (await node.Http.GetAsync(new Uri(node.Url, page))).StatusCode
                            is HttpStatusCode.OK
                                or HttpStatusCode.NotFound
                    );
                    looks++;
                }
            }

            return looks;
        });

        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async worker =>
                {
                    for (var i = worker; i < 200; i += 8)
                    {
                        using var client = await WireClient.ConnectAsync(node.Url, $"n{i}", 0);
                        Assert.Equal("1", (await client.LockAsync("a")).Id);
                    }
                })
        );
        await done.CancelAsync();

        Assert.True(await looking > 0);
        Assert.Equal(200, (await ClusterAsync(node)).GetProperty("namespaces").GetInt32());
    }

    [Fact]
    public async Task Statistics_are_400_without_a_namespace_404_before_anyone_came_then_figures()
    {
        await using var node = await SingleNode.StartAsync();
        var page = new Uri(node.Url, "/stats_v1?namespace=%C3%BCber%20all");
        Assert.Equal(HttpStatusCode.BadRequest, (await node.Http.GetAsync(new Uri(node.Url, "/stats_v1"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await node.Http.GetAsync(page)).StatusCode);

        var client = await node.ConnectAsync("über all");
        Assert.Equal((0, 0, 1), await FiguresAsync());
        await client.LockAsync("a");
        var waiter = await node.ConnectAsync("über all");
        await waiter.LockAsync("a");
        Assert.Equal((1, 1, 2), await FiguresAsync());
        await waiter.ReleaseAsync();
        await client.ReleaseAsync();
        await client.CloseAsync();
        await Eventually.HoldsAsync(async () => await FiguresAsync() == (0, 0, 1));

        async Task<(int Acquired, int Enqueued, int Connections)> FiguresAsync()
        {
            var figures = await node.Http.GetFromJsonAsync<JsonElement>(page);
            Assert.Equal("über all", figures.GetProperty("namespace").GetString());
            return (
                figures.GetProperty("acquired").GetInt32(),
                figures.GetProperty("enqueued").GetInt32(),
                figures.GetProperty("connections").GetInt32()
            );
        }
    }

    [Fact]
    public async Task The_cluster_page_tells_where_the_node_stands()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("cluster");
        for (var i = 0; i < 40; i++)
        {
            await client.LockAsync("a");
            await client.ReleaseAsync();
        }

        var view = await ClusterAsync(node);

        Assert.Equal(
            ("n1", "leader", "n1"),
            (
                view.GetProperty("name").GetString(),
                view.GetProperty("role").GetString(),
                view.GetProperty("leader").GetString()
            )
        );
        Assert.Equal("n1", Assert.Single(view.GetProperty("members").EnumerateArray()).GetProperty("name").GetString());
        Assert.True(view.GetProperty("appliedIndex").GetInt64() >= 80);
        var mark = view.GetProperty("digests")[0];
        Assert.Equal(64, mark.GetProperty("index").GetInt64());
        Assert.Equal(32, mark.GetProperty("digest").GetString()!.Length);
        Assert.Equal(64, mark.GetProperty("ledger").GetString()!.Length);
    }

    [Fact]
    public async Task The_probes_say_yes_while_the_node_leads()
    {
        await using var node = await SingleNode.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync(new Uri(node.Url, "/health/live"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync(new Uri(node.Url, "/health/ready"))).StatusCode);
    }

    [Theory]
    [InlineData("/v1", "namespace")]
    [InlineData("/v1?namespace=", "namespace")]
    [InlineData("/v1?namespace=a&namespace=b", "namespace")]
    [InlineData("/v1?namespace=%FF", "namespace")]
    [InlineData("/v1?namespace=a&abandon-timeout-ms=", "abandon-timeout-ms")]
    [InlineData("/v1?namespace=a&abandon-timeout-ms=-1", "abandon-timeout-ms")]
    [InlineData("/v1?namespace=a&abandon-timeout-ms=1.5", "abandon-timeout-ms")]
    [InlineData("/v1?namespace=a&abandon-timeout-ms=604800001", "abandon-timeout-ms")]
    [InlineData("/v1?namespace=a&abandon-timeout-ms=9223372036855", "abandon-timeout-ms")]
    [InlineData("/v1?namespace=a&abandon-timeout-ms=99999999999999999999", "abandon-timeout-ms")]
    public async Task A_bad_parameter_is_answered_400_with_a_sentence(string address, string named)
    {
        await using var node = await SingleNode.StartAsync();

        var answer = await node.Http.SendAsync(Upgrade(new Uri(node.Url, address)));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(named, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_origin_may_read_the_home_page_and_the_statistics_and_nothing_else()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("origin");

        foreach (
            var (page, isOpen) in new[]
            {
                ("/", true),
                ("/stats_v1?namespace=origin", true),
                ("/stats_v1?namespace=none", true),
                ("/v1/cluster", false),
            }
        )
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, page));
            request.Headers.Add("Origin", "http://elsewhere.example");
            var answer = await node.Http.SendAsync(request);

            Assert.Equal(isOpen, answer.StatusCode != HttpStatusCode.Forbidden);
            Assert.Equal(
                isOpen ? ["*"] : [],
                answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var origins) ? origins : []
            );
        }
    }

    [Fact]
    public async Task Statistics_have_Locktopus_own_names_too()
    {
        await using var node = await SingleNode.StartAsync();
        var (holder, waiter) = (await node.ConnectAsync("names"), await node.ConnectAsync("names"));
        await holder.LockAsync("a");
        await waiter.LockAsync("a");

        var figures = await node.Http.GetFromJsonAsync<JsonElement>(new Uri(node.Url, "/stats_v1?namespace=names"));

        Assert.Equal(
            (2, 1, 1),
            (
                figures.GetProperty("LastGroupID").GetInt32(),
                figures.GetProperty("GroupsPending").GetInt32(),
                figures.GetProperty("GroupsAcquired").GetInt32()
            )
        );
    }

    [Fact]
    public async Task A_namespace_that_is_too_long_is_answered_400()
    {
        await using var node = await SingleNode.StartAsync();

        var answer = await node.Http.SendAsync(Upgrade(new Uri(node.Url, "/v1?namespace=" + new string('a', 257))));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_plain_request_is_told_to_speak_WebSocket()
    {
        await using var node = await SingleNode.StartAsync();

        var answer = await node.Http.GetAsync(new Uri(node.Url, "/v1?namespace=a"));

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Contains("WebSocket", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_too_many_is_answered_503()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxConnections = 1 });
        var first = await node.ConnectAsync("one");

        var answer = await node.Http.SendAsync(Upgrade(new Uri(node.Url, "/v1?namespace=a")));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains("max-connections", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await first.CloseAsync();
        await Eventually.HoldsAsync(async () => (await ClusterAsync(node)).GetProperty("connections").GetInt32() == 0);
        Assert.Equal("acquired", (await (await node.ConnectAsync("one")).LockAsync("a")).State);
    }

    [Fact]
    public async Task A_node_that_stops_says_so_to_its_clients_and_keeps_their_locks()
    {
        await using var node = await SingleNode.StartAsync();
        var holder = await node.ConnectAsync("stops", abandonTimeoutMs: 0);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);

        await node.StopAsync().WaitAsync(WireClient.WaitBound);

        Assert.Equal(1001, (await holder.EndAsync()).Code);
    }

    private static Task<JsonElement> ClusterAsync(SingleNode node) =>
        node.Http.GetFromJsonAsync<JsonElement>(new Uri(node.Url, "/v1/cluster"));

    private static HttpRequestMessage Upgrade(Uri address) =>
        new(HttpMethod.Get, address)
        {
            Headers =
            {
                { "Connection", "Upgrade" },
                { "Upgrade", "websocket" },
                { "Sec-WebSocket-Version", "13" },
                { "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==" },
            },
        };
}
