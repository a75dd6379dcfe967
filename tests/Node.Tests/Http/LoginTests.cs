// The dashboard where authentication is on, without a browser: what is open without a login, how a login begins and
// ends, and as whom the playground speaks.
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using RaftLocks.Dashboard;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Tests.Auth;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Http;

public class LoginTests
{
    private static readonly Func<NodeSettings, NodeSettings> WithDashboard = settings =>
        settings with
        {
            Dashboard = true,
        };

    [Fact]
    public async Task Without_a_login_no_route_of_the_dashboard_answers_but_scripts_styles_and_the_login()
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        var routes = RoutesOf(secured.Node);
        Assert.True(routes.Count >= 10, $"{routes.Count} routes");
        foreach (var (method, path) in routes)
        {
            var answer = await RawRequest.SendAsync(secured.Node.Url, method, "/dashboard/" + path);
            var expected = path switch
            {
                "login" => 400,
                "assets/x" => 404,
                _ => 401,
            };
            Assert.Equal((method, path, expected), (method, path, answer.Status));
        }

        foreach (var path in new[] { "", "/", "/nothing", "/_blazor/negotiate", "/v1?namespace=n" })
        {
            Assert.Equal(401, (await RawRequest.SendAsync(secured.Node.Url, "GET", "/dashboard" + path)).Status);
        }

        var asset = await secured.Node.Http.GetAsync(new Uri(secured.Node.Url, "/dashboard/assets/login.js"));
        Assert.Equal(HttpStatusCode.OK, asset.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("locks?namespace=n")]
    [InlineData("nothing")]
    public async Task In_place_of_a_page_whoever_has_not_logged_in_gets_the_login_page(string page)
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        using var browser = new LoginClient(secured.Node);

        var (status, body) = await browser.LoadAsync(page);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("Log in to RaftLocks", body, StringComparison.Ordinal);
        Assert.Contains("login.js", body, StringComparison.Ordinal);
        Assert.DoesNotContain("blazor.js", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_gives_a_cookie_that_no_script_reads_and_no_other_site_sends_and_that_is_not_the_token()
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        using var browser = new LoginClient(secured.Node);

        Assert.Equal(HttpStatusCode.NoContent, (await browser.LogInAsync(secured.Root)).StatusCode);

        var attributes = browser.LoginCookie!.Split("; ").Skip(1).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Equal(["path=/dashboard", "samesite=strict", "httponly"], attributes);
        Assert.DoesNotContain(secured.Root, browser.CookieHeader, StringComparison.Ordinal);
        var (status, page) = await browser.LoadAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("blazor.js", page, StringComparison.Ordinal);
        Assert.DoesNotContain(secured.Root, page, StringComparison.Ordinal);
        var (elsewhere, _) = await SecuredNode.AskAsync(
            secured.Node,
            browser.Cookies["raftlocks-login-n1"],
            HttpMethod.Get,
            "/v1/principal"
        );
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere);
    }

    [Fact]
    public async Task By_https_the_cookie_is_sent_by_https_only_also_where_a_proxy_speaks_it()
    {
        using var authority = new TestAuthority();
        await using var node = await SingleNode.StartAsync(WithDashboard, authority);
        var (_, body) = await SecuredNode.AskAsync(
            node,
            null,
            HttpMethod.Post,
            "/v1/admin/auth/init",
            """{"name":"root"}"""
        );
        using var browser = new LoginClient(node, authority);
        Assert.Equal(HttpStatusCode.NoContent, (await browser.LogInAsync(SecuredNode.SecretIn(body))).StatusCode);
        Assert.Contains("; secure", browser.LoginCookie, StringComparison.OrdinalIgnoreCase);

        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        using var proxied = new LoginClient(secured.Node);
        using var answer = await proxied.LogInAsync(secured.Root, "https://" + secured.Node.Url.Authority);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Contains("; secure", proxied.LoginCookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("rl_nobody-has-this")]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\r\nHeader: b")]
    [InlineData("ä")]
    public async Task What_is_no_token_gives_no_login(string secret)
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        using var browser = new LoginClient(secured.Node);

        using var answer = await browser.LogInAsync(secret);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("not known here", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(browser.LoginCookie);
    }

    [Fact]
    public async Task A_body_that_is_longer_than_any_token_is_refused_and_so_is_a_token_that_allows_nothing()
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        var nothing = await secured.TokenAsync("nothing");
        using var browser = new LoginClient(secured.Node);

        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.LogInAsync(new string('x', 20_000))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.LogInAsync(nothing)).StatusCode);
        Assert.Null(browser.LoginCookie);
    }

    [Fact]
    public async Task A_login_and_a_logout_come_from_a_page_of_the_node_itself_or_are_refused()
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        using var browser = new LoginClient(secured.Node);
        var antiforgery = await browser.AntiforgeryAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("login", null, secured.Root)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("login", "x", secured.Root)).StatusCode);
        foreach (var origin in new[] { "http://elsewhere.example", "null", "http://127.0.0.1:1" })
        {
            using var foreign = await browser.PostAsync("login", antiforgery, secured.Root, origin);
            Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        }

        Assert.Null(browser.LoginCookie);
        Assert.Equal(HttpStatusCode.NoContent, (await browser.LogInAsync(secured.Root)).StatusCode);

        // What the page had before the login counts no more, and that of another browser never.
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("logout", antiforgery, "")).StatusCode);
        using var other = new LoginClient(secured.Node);
        await other.LogInAsync(secured.Root);
        var others = await other.AntiforgeryAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("logout", others, "")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.LoadAsync()).Status);
    }

    [Fact]
    public async Task After_a_logout_the_cookie_means_nothing_any_more()
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        using var browser = new LoginClient(secured.Node);
        await browser.LogInAsync(secured.Root);
        var cookie = browser.Cookies["raftlocks-login-n1"];

        Assert.Equal(HttpStatusCode.NoContent, (await browser.LogOutAsync()).StatusCode);

        Assert.Equal("", browser.Cookies["raftlocks-login-n1"]);
        browser.Cookies["raftlocks-login-n1"] = cookie;
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.LoadAsync()).Status);
    }

    [Fact]
    public async Task A_node_that_restarts_asks_again()
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        using var browser = new LoginClient(secured.Node);
        await browser.LogInAsync(secured.Root);

        await secured.Node.RestartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.LoadAsync()).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await browser.LogInAsync(secured.Root)).StatusCode);
    }

    [Fact]
    public async Task Who_tries_too_often_has_to_wait()
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        using var browser = new LoginClient(secured.Node);
        HttpResponseMessage answer;
        var attempts = 0;
        do
        {
            answer = await browser.PostAsync("login", null, "guess");
            attempts++;
        } while (answer.StatusCode == HttpStatusCode.BadRequest);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.True(attempts > Dashboard.Limits.LoginBurst, $"{attempts} attempts");
        Assert.Equal(Dashboard.Limits.LoginEvery, answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Where_nobody_is_asked_for_a_token_there_is_no_login()
    {
        await using var node = await SingleNode.StartAsync(WithDashboard);
        using var browser = new LoginClient(node);

        var (status, page) = await browser.LoadAsync();

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("login.js", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await browser.PostAsync("login", null, "any")).StatusCode);
        Assert.Null(browser.LoginCookie);
    }

    [Fact]
    public async Task The_playground_speaks_as_whoever_has_logged_in()
    {
        await using var secured = await SecuredNode.StartAsync(change: WithDashboard);
        var team = await secured.TokenAsync("team", SecuredNode.Rule("lock-write,observe", "mine"));
        using var browser = new LoginClient(secured.Node);
        await browser.LogInAsync(team);

        using var socket = await PlayAsync(secured.Node, browser.CookieHeader, "mine");
        await socket.SendAsync(
            """{"action":"lock","resources":[{"type":"write","path":["a"]}]}"""u8.ToArray(),
            WebSocketMessageType.Text,
            endOfMessage: true,
            CancellationToken.None
        );
        var answer = new byte[256];
        var received = await socket.ReceiveAsync(answer, CancellationToken.None).WaitAsync(WireClient.WaitBound);
        Assert.Contains("acquired", Encoding.UTF8.GetString(answer, 0, received.Count), StringComparison.Ordinal);
        var locks = await secured.GetAsync(team, "/v1/locks?namespace=mine");
        Assert.Equal("team", locks.GetProperty("requests")[0].GetProperty("principal").GetString());

        Assert.Contains("403", await RefusedAsync(browser.CookieHeader, "other"), StringComparison.Ordinal);
        Assert.Contains("401", await RefusedAsync("", "mine"), StringComparison.Ordinal);

        async Task<string> RefusedAsync(string cookies, string ns) =>
            (await Assert.ThrowsAsync<WebSocketException>(() => PlayAsync(secured.Node, cookies, ns))).Message;
    }

    private static async Task<ClientWebSocket> PlayAsync(SingleNode node, string cookies, string ns)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", cookies);
        var address = new UriBuilder(node.Url)
        {
            Scheme = "ws",
            Path = "/dashboard/v1",
            Query = "namespace=" + ns,
        };
        await socket.ConnectAsync(address.Uri, CancellationToken.None);
        return socket;
    }

    private static List<(string Method, string Path)> RoutesOf(SingleNode node)
    {
        var ofNode = ((IEndpointRouteBuilder)node.Web).DataSources.SelectMany(source => source.Endpoints).ToHashSet();
        return
        [
            .. node
                .Web.Services.GetRequiredService<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .Where(route => !ofNode.Contains(route))
                .SelectMany(route => MethodsOf(route).Select(method => (method, PathOf(route))))
                .Distinct(),
        ];
    }

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods: { Count: > 0 } methods }
            ? methods
            : ["GET"];

    private static string PathOf(RouteEndpoint route) =>
        string.Join(
            '/',
            route.RoutePattern.PathSegments.Select(segment =>
                segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content : "x"
            )
        );
}
