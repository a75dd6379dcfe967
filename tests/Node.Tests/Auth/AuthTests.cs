// Who may what, on one node: each right and each refusal, over the three ways to say a token, on connections that are
// open too.
using System.Net;
using System.Net.WebSockets;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Auth;

public class AuthTests
{
    private const string Locks = "/v1/locks?namespace=team";

    [Fact]
    public async Task Until_it_is_initialised_nobody_is_asked_and_a_token_means_nothing()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("open");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        var (status, _) = await SecuredNode.AskAsync(node, "nonsense", HttpMethod.Get, "/v1/locks?namespace=open");
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Each_route_has_a_declared_right()
    {
        await using var node = await SingleNode.StartAsync();
        var web = (WebApplication)
            typeof(RunningNode)
                .GetField("web", BindingFlags.Instance | BindingFlags.NonPublic)!
                .GetValue(node.Running)!;
        var routes = ((IEndpointRouteBuilder)web).DataSources.SelectMany(source => source.Endpoints).ToList();
        Assert.True(routes.Count >= 25, $"only {routes.Count} routes");
        Assert.All(
            routes,
            route => Assert.True(route.Metadata.GetMetadata<RouteRight>() is not null, route.DisplayName)
        );
        Assert.False(RouteRight.Of(new Endpoint(null, null, "undeclared")).IsIn(StateMachine.Vocabulary.Rights.All));
    }

    [Fact]
    public async Task After_it_whoever_has_no_token_is_refused_at_every_route_that_is_not_open()
    {
        await using var secured = await SecuredNode.StartAsync();
        foreach (
            var page in new[]
            {
                Locks,
                "/v1/namespaces",
                "/v1/fence?namespace=team&id=1",
                "/stats_v1?namespace=team",
                "/v1/history",
                "/v1/history/stream",
                "/v1/history/export",
                "/v1/admin/members",
                "/v1/admin/snapshot",
                "/v1/admin/auth/tokens",
                "/v1/admin/auth/policies",
            }
        )
        {
            Assert.Equal(
                (page, HttpStatusCode.Unauthorized),
                (page, (await secured.AskAsync(null, HttpMethod.Get, page)).Status)
            );
            Assert.Equal(
                (page, HttpStatusCode.Unauthorized),
                (page, (await secured.AskAsync("nonsense", HttpMethod.Get, page)).Status)
            );
        }

        foreach (var page in new[] { "/", "/health/live", "/health/ready", "/metrics", "/v1/cluster", "/v1/node" })
        {
            Assert.Equal(HttpStatusCode.OK, (await secured.AskAsync(null, HttpMethod.Get, page)).Status);
        }

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => secured.Node.ConnectAsync("team"));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await secured.AskAsync(null, HttpMethod.Post, "/v1/admin/auth/init", """{"name":"x"}""")).Status
        );
    }

    [Fact]
    public async Task A_team_locks_its_own_and_nothing_else()
    {
        await using var secured = await SecuredNode.StartAsync();
        var team = await secured.TokenAsync("team", SecuredNode.Rule("lock-write,lock-read", "team", false, "a"));
        using var client = await secured.ConnectAsync(team, "team", "&extensions=1");
        Assert.Equal("acquired", (await client.LockAsync("a/b")).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);

        await client.SendLockAsync("b");
        Assert.Contains("\"limit\":\"rights\"", await client.NextTextAsync(), StringComparison.Ordinal);
        Assert.Equal("acquired", (await client.LockAsync("?a")).State);

        using var plain = await secured.ConnectAsync(team, "team");
        await plain.SendLockAsync("a", "b");
        Assert.Equal(3003, (await plain.EndAsync()).Code);

        var elsewhere = await Assert.ThrowsAsync<WebSocketException>(() => secured.ConnectAsync(team, "other"));
        Assert.Contains("403", elsewhere.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_is_in_force_within_a_second_on_a_connection_that_is_open()
    {
        await using var secured = await SecuredNode.StartAsync();
        var team = await secured.TokenAsync("team", SecuredNode.Rule("lock-write", "team"));
        using var client = await secured.ConnectAsync(team, "team", "&extensions=1");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);

        await secured.SetPolicyAsync("team", SecuredNode.Rule("lock-write", "team", false, "elsewhere"));
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
        await client.SendLockAsync("a");
        Assert.Contains("rights", await client.NextTextAsync(), StringComparison.Ordinal);
        Assert.Equal("acquired", (await client.LockAsync("elsewhere")).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);

        var (deleted, _) = await secured.AskAsync(secured.Root, HttpMethod.Delete, "/v1/admin/auth/tokens/team");
        Assert.Equal(HttpStatusCode.OK, deleted);
        await client.SendLockAsync("elsewhere");
        Assert.Contains("rights", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_setting_says_whether_a_lock_is_revoked_when_its_holder_has_no_right_to_it_any_more(bool revokes)
    {
        await using var secured = await SecuredNode.StartAsync(change: settings =>
            settings with
            {
                RevokeWithoutRight = revokes,
            }
        );
        var team = await secured.TokenAsync("team", SecuredNode.Rule("lock-write", "n"));
        using var loses = await secured.ConnectAsync(team, "n");
        Assert.Equal("acquired", (await loses.LockAsync("a")).State);
        using var keeps = await secured.ConnectAsync(team, "n");
        Assert.Equal("acquired", (await keeps.LockAsync("b")).State);
        using var waiter = await secured.ConnectAsync(secured.Root, "n");
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);

        await secured.SetPolicyAsync("team", SecuredNode.Rule("lock-write", "n", false, "b"));
        if (revokes)
        {
            Assert.Equal("acquired", (await waiter.NextAsync()).State);
            Assert.Contains("no right", (await loses.EndAsync()).Reason, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal("ready", (await loses.ReleaseAsync()).State);
            Assert.Equal("acquired", (await waiter.NextAsync()).State);
        }

        Assert.Equal("ready", (await keeps.ReleaseAsync()).State);
    }

    [Fact]
    public async Task A_connection_that_was_open_before_it_is_asked_like_any_other()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectExtendedAsync("team", "&extensions=1");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
        var (status, _) = await SecuredNode.AskAsync(
            node,
            null,
            HttpMethod.Post,
            "/v1/admin/auth/init",
            """{"name":"root"}"""
        );
        Assert.Equal(HttpStatusCode.OK, status);
        await client.SendLockAsync("a");
        Assert.Contains("rights", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_without_a_token_go_on_where_that_was_asked_for_until_the_policy_is_deleted()
    {
        await using var secured = await SecuredNode.StartAsync(keepAnonymous: true);
        using var client = await secured.Node.ConnectAsync("team");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        Assert.Equal(HttpStatusCode.OK, (await secured.AskAsync(null, HttpMethod.Get, Locks)).Status);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await secured.AskAsync(null, HttpMethod.Get, "/v1/admin/auth/tokens")).Status
        );
        await secured.AskAsync(secured.Root, HttpMethod.Delete, "/v1/admin/auth/policies/anonymous");
        Assert.Equal(HttpStatusCode.Unauthorized, (await secured.AskAsync(null, HttpMethod.Get, Locks)).Status);
    }

    [Fact]
    public async Task A_browser_says_its_token_as_a_subprotocol_and_a_query_counts_only_where_a_setting_allows_it()
    {
        await using var secured = await SecuredNode.StartAsync();
        using var browser = await secured.ConnectAsBrowserAsync(secured.Root, "team");
        Assert.Equal("raftlocks.v1", browser.Subprotocol);
        Assert.Equal("acquired", (await browser.LockAsync("a")).State);
        var query = "&access_token=" + secured.Root;
        var refused = await Assert.ThrowsAsync<WebSocketException>(() =>
            secured.Node.ConnectAsync("team", extensions: query)
        );
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);

        await using var lenient = await SecuredNode.StartAsync(change: settings =>
            settings with
            {
                AllowQueryToken = true,
            }
        );
        var client = await lenient.Node.ConnectAsync("team", extensions: "&access_token=" + lenient.Root);
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
    }

    [Fact]
    public async Task A_rotated_token_accepts_both_secrets_for_its_overlap_and_only_the_new_one_without()
    {
        await using var secured = await SecuredNode.StartAsync();
        var first = await secured.TokenAsync("team", SecuredNode.Rule("observe", "team"));
        var second = await RotateAsync(60);
        Assert.Equal(HttpStatusCode.OK, (await secured.AskAsync(first, HttpMethod.Get, Locks)).Status);
        Assert.Equal(HttpStatusCode.OK, (await secured.AskAsync(second, HttpMethod.Get, Locks)).Status);
        var third = await RotateAsync(0);
        Assert.Equal(HttpStatusCode.Unauthorized, (await secured.AskAsync(second, HttpMethod.Get, Locks)).Status);
        Assert.Equal(HttpStatusCode.OK, (await secured.AskAsync(third, HttpMethod.Get, Locks)).Status);

        async Task<string> RotateAsync(int overlap)
        {
            var (status, body) = await secured.AskAsync(
                secured.Root,
                HttpMethod.Post,
                "/v1/admin/auth/tokens/team/rotate",
                $$"""{"overlapSeconds":{{overlap}}}"""
            );
            Assert.True(status == HttpStatusCode.OK, body);
            return SecuredNode.SecretIn(body);
        }
    }

    [Fact]
    public async Task A_token_that_has_expired_is_refused()
    {
        await using var secured = await SecuredNode.StartAsync();
        await secured.SetPolicyAsync("brief", SecuredNode.Rule("observe", "team"));
        var (_, body) = await secured.AskAsync(
            secured.Root,
            HttpMethod.Post,
            "/v1/admin/auth/tokens",
            """{"name":"brief","policies":["brief"],"lifetimeSeconds":1}"""
        );
        var secret = SecuredNode.SecretIn(body);
        await Eventually.HoldsAsync(async () =>
            (await secured.AskAsync(secret, HttpMethod.Get, Locks)).Status == HttpStatusCode.Unauthorized
        );
    }

    [Theory]
    [InlineData("POST", "tokens", """{"name":"a b","policies":["admin"]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "tokens", """{"name":"anonymous","policies":["admin"]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "tokens", """{"name":"x","policies":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "tokens", """{"name":"x","policies":["none"]}""", HttpStatusCode.NotFound)]
    [InlineData("POST", "tokens", """{"name":"root","policies":["admin"]}""", HttpStatusCode.Conflict)]
    [InlineData(
        "POST",
        "tokens",
        """{"name":"x","policies":["admin"],"lifetimeSeconds":0}""",
        HttpStatusCode.BadRequest
    )]
    [InlineData("POST", "tokens", "\"\\ud800\"", HttpStatusCode.BadRequest)]
    [InlineData("POST", "tokens", """{"name":"\ud800","policies":["admin"]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "tokens", "[1", HttpStatusCode.BadRequest)]
    [InlineData("POST", "tokens", "null", HttpStatusCode.BadRequest)]
    [InlineData("POST", "tokens/nobody/rotate", """{"overlapSeconds":0}""", HttpStatusCode.NotFound)]
    [InlineData("POST", "tokens/root/rotate", """{"overlapSeconds":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("DELETE", "tokens/nobody", null, HttpStatusCode.NotFound)]
    [InlineData("DELETE", "policies/nobody", null, HttpStatusCode.NotFound)]
    [InlineData("DELETE", "policies/admin", null, HttpStatusCode.Conflict)]
    [InlineData(
        "POST",
        "policies",
        """{"name":"p","rules":[{"verbs":["fly"],"namespace":"n"}]}""",
        HttpStatusCode.BadRequest
    )]
    [InlineData(
        "POST",
        "policies",
        """{"name":"p","rules":[{"verbs":[],"namespace":"n"}]}""",
        HttpStatusCode.BadRequest
    )]
    [InlineData("POST", "policies", """{"name":"p","rules":[null]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "init", """{"name":"x"}""", HttpStatusCode.Conflict)]
    public async Task What_makes_no_sense_is_refused_with_a_sentence(
        string method,
        string page,
        string? body,
        HttpStatusCode expected
    )
    {
        await using var secured = await SecuredNode.StartAsync();
        var (status, said) = await secured.AskAsync(
            secured.Root,
            HttpMethod.Parse(method),
            "/v1/admin/auth/" + page,
            body
        );
        Assert.Equal(expected, status);
        Assert.EndsWith(".\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_is_required_nothing_is_answered_before_it_is_initialised_and_the_admin_token_stands_in()
    {
        const string Admin = "an admin token for tests";
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                RequiresAuth = true,
                AdminToken = Admin,
            }
        );
        var (before, _) = await SecuredNode.AskAsync(node, null, HttpMethod.Get, Locks);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, before);
        const string init = "/v1/admin/auth/init";
        var (refused, _) = await SecuredNode.AskAsync(node, null, HttpMethod.Post, init, """{"name":"root"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, refused);
        var (status, body) = await SecuredNode.AskAsync(node, Admin, HttpMethod.Post, init, """{"name":"root"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var (after, _) = await SecuredNode.AskAsync(node, SecuredNode.SecretIn(body), HttpMethod.Get, Locks);
        Assert.Equal(HttpStatusCode.OK, after);
        var (byAdmin, _) = await SecuredNode.AskAsync(node, Admin, HttpMethod.Get, "/v1/admin/auth/tokens");
        Assert.Equal(HttpStatusCode.OK, byAdmin);
    }

    [Fact]
    public async Task Tokens_and_policies_outlive_a_restart()
    {
        await using var secured = await SecuredNode.StartAsync();
        var team = await secured.TokenAsync("team", SecuredNode.Rule("observe", "team"));
        await secured.Node.RestartAsync();
        Assert.Equal(HttpStatusCode.OK, (await secured.AskAsync(team, HttpMethod.Get, Locks)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await secured.AskAsync(null, HttpMethod.Get, Locks)).Status);
    }
}
