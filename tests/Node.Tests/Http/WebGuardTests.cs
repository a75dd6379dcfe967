// Which pages may have a browser ask a node, and under which names it answers.
using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Http;

public class WebGuardTests
{
    private const string Cluster = "/v1/cluster";

    [Theory]
    [InlineData("rebound.example", 403)]
    [InlineData("rebound.example:9009", 403)]
    [InlineData("localhost.rebound.example", 403)]
    [InlineData("127.0.0.1.rebound.example", 403)]
    [InlineData("localhost.", 403)]
    [InlineData("localhost:1", 200)]
    [InlineData("LOCALHOST", 200)]
    [InlineData("[::1]:9009", 200)]
    [InlineData("10.0.0.7", 200)]
    [InlineData("n2.example", 200)]
    [InlineData("n2.inside:9009", 200)]
    [InlineData("locks.example", 200)]
    [InlineData("", 200)]
    public async Task A_node_answers_under_addresses_the_members_names_and_those_that_are_allowed(
        string host,
        int status
    )
    {
        await using var node = await SingleNode.StartAsync(
            settings =>
                settings with
                {
                    AllowHosts = ["locks.example"],
                    Members =
                    [
                        .. settings.Members,
                        new Member(
                            "n2",
                            "10.0.0.2",
                            7009,
                            new Uri("https://n2.example"),
                            new Uri("http://n2.inside:9009")
                        ),
                    ],
                },
            serves: false
        );

        Assert.Equal(status, (await RawRequest.SendAsync(node.Url, "GET", Cluster, host)).Status);
    }

    [Theory]
    [InlineData("http://localhost", "localhost", 200)]
    [InlineData("https://localhost", "localhost", 200)]
    [InlineData("http://localhost:9009", "localhost:9009", 200)]
    [InlineData("http://localhost:9010", "localhost:9009", 403)]
    [InlineData("http://elsewhere.example", "localhost", 403)]
    [InlineData("https://app.example", "localhost", 200)]
    [InlineData("http://app.example", "localhost", 403)]
    [InlineData("https://app.example:8443", "localhost", 403)]
    [InlineData("https://app.example.evil.example", "localhost", 403)]
    [InlineData("null", "localhost", 403)]
    [InlineData("", "localhost", 403)]
    public async Task Only_pages_of_the_node_itself_and_of_allowed_origins_come_in(
        string origin,
        string host,
        int status
    )
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                AllowOrigins = ["https://app.example"],
            }
        );

        var answer = await RawRequest.SendAsync(node.Url, "GET", Cluster, host, origin);

        Assert.Equal(status, answer.Status);
        Assert.Equal(
            origin == "https://app.example" ? origin : null,
            answer.Headers.GetValueOrDefault("Access-Control-Allow-Origin")
        );
    }

    [Fact]
    public async Task A_page_of_another_origin_opens_no_WebSocket_and_an_allowed_one_does()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                AllowOrigins = ["https://app.example"],
            }
        );

        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(node, "https://elsewhere.example"));
        Assert.Equal(WebSocketState.Open, await OpenAsync(node, "https://app.example"));
    }

    [Fact]
    public async Task An_allowed_page_may_ask_before_it_asks()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { AllowOrigins = ["*"] });

        var answer = await RawRequest.SendAsync(
            node.Url,
            "OPTIONS",
            "/v1/explain",
            origin: "https://any.example",
            more: "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n"
        );

        Assert.Equal(204, answer.Status);
        Assert.Equal("https://any.example", answer.Headers["Access-Control-Allow-Origin"]);
        Assert.Equal("POST", answer.Headers["Access-Control-Allow-Methods"]);
    }

    [Fact]
    public async Task With_any_host_allowed_administration_stays_with_the_nodes_own_names()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { AllowHosts = ["*"] });

        Assert.Equal(200, (await RawRequest.SendAsync(node.Url, "GET", Cluster, "any.example")).Status);
        Assert.Equal(403, (await RawRequest.SendAsync(node.Url, "GET", "/v1/admin/members", "any.example")).Status);
    }

    [Theory]
    [InlineData("/", true)]
    [InlineData("/?a=%2F//", true)]
    [InlineData("/v1", true)]
    [InlineData("/v1?namespace=a/b/", true)]
    [InlineData("/dashboard/", true)]
    [InlineData("/v1/admin/members/Node_1.a~b-c", true)]
    [InlineData("/v1/admin/auth/tokens/cert:a@b~20c", true)]
    [InlineData("http://n1.example/v1", true)]
    [InlineData("http://n1.example", true)]
    [InlineData("http://n1.example//v1", false)]
    [InlineData("", false)]
    [InlineData("*", false)]
    [InlineData("//", false)]
    [InlineData("/v1/", false)]
    [InlineData("//v1", false)]
    [InlineData("/v1//admin", false)]
    [InlineData("/%761", false)]
    [InlineData("/v1%2Fadmin", false)]
    [InlineData("/v1/./admin", false)]
    [InlineData("/v1/x/../admin", false)]
    [InlineData("/v1\\admin", false)]
    [InlineData("/v1/admin;x=y", false)]
    [InlineData("/dashboard/_blazor/", false)]
    public void There_is_one_way_to_write_a_path(string target, bool isNormal) =>
        Assert.Equal(isNormal, PathForm.IsNormal(target, "/", "/dashboard/"));

    [Fact]
    public async Task The_limit_of_open_dashboards_is_not_passed_by_another_spelling()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { Dashboard = true });

        foreach (var spelling in new[] { "/dashboard/_blazor/", "/dashboard/%5fblazor", "/Dashboard/_blazor" })
        {
            Assert.Equal(404, (await RawRequest.SendAsync(node.Url, "GET", spelling)).Status);
        }
    }

    private static async Task<WebSocketState> OpenAsync(SingleNode node, string origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", origin);
        await socket.ConnectAsync(
            new UriBuilder(node.Url)
            {
                Scheme = "ws",
                Path = "/v1",
                Query = "namespace=n",
            }.Uri,
            CancellationToken.None
        );
        return socket.State;
    }
}
