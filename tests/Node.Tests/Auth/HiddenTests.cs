// What one may not observe is not told: neither labels nor paths of others, in no answer.
using System.Net;
using System.Text.Json;
using RaftLocks.Node.Tests.History;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Auth;

public class HiddenTests
{
    private const string Secret = "the-secret-label";

    [Fact]
    public async Task A_list_an_explanation_and_a_fence_tell_nothing_of_what_may_not_be_seen()
    {
        await using var secured = await SecuredNode.StartAsync();
        var team = await secured.TokenAsync(
            "team",
            SecuredNode.Rule("lock-write", "n"),
            SecuredNode.Rule("observe,history,revoke", "n", false, "mine")
        );
        using var other = await secured.ConnectAsync(secured.Root, "n", "&label=" + Secret);
        Assert.Equal("acquired", (await other.LockAsync("hidden", "mine/1")).State);
        using var mine = await secured.ConnectAsync(team, "n", "&label=ours&progress=1");
        await mine.SendLockAsync("mine");
        var heard = await mine.NextTextAsync() + await mine.NextTextAsync();
        Assert.Contains("enqueued", heard, StringComparison.Ordinal);
        Assert.Contains("place", heard, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, heard, StringComparison.Ordinal);

        var locks = (await secured.GetAsync(team, "/v1/locks?namespace=n")).GetProperty("requests");
        var seen = Assert.Single(locks.EnumerateArray());
        Assert.Equal(
            ("2", "team", "1"),
            (
                seen.GetProperty("id").GetString(),
                seen.GetProperty("principal").GetString(),
                seen.GetProperty("blocker").GetString()
            )
        );

        var (_, explained) = await secured.AskAsync(
            team,
            HttpMethod.Post,
            "/v1/explain",
            """{"namespace":"n","id":"2"}"""
        );
        Assert.Contains("\"id\":\"1\"", explained, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, explained, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", explained, StringComparison.Ordinal);

        var (whole, all) = await secured.AskAsync(
            secured.Root,
            HttpMethod.Post,
            "/v1/explain",
            """{"namespace":"n","id":"2"}"""
        );
        Assert.Equal(HttpStatusCode.OK, whole);
        Assert.Contains(Secret, all, StringComparison.Ordinal);

        foreach (var page in new[] { "/v1/fence?namespace=n&id=1", "/v1/fence?namespace=other&id=1" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await secured.AskAsync(team, HttpMethod.Get, page)).Status);
        }

        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await secured.AskAsync(team, HttpMethod.Post, "/v1/explain", """{"namespace":"n","id":"1"}""")).Status
        );
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (
                await secured.AskAsync(
                    team,
                    HttpMethod.Post,
                    "/v1/admin/revoke",
                    """{"namespace":"n","id":"1","reason":"mine now","force":true}"""
                )
            ).Status
        );
        Assert.Equal(
            HttpStatusCode.OK,
            (
                await secured.AskAsync(
                    team,
                    HttpMethod.Post,
                    "/v1/admin/revoke",
                    """{"namespace":"n","id":"2","reason":"ours","force":true}"""
                )
            ).Status
        );
        var told = (await secured.GetAsync(team, "/v1/history?namespace=n&id=2")).GetProperty("events")[0];
        Assert.Equal(
            ("revoked", "team", "team"),
            (
                told.GetProperty("event").GetString(),
                told.GetProperty("by").GetString(),
                told.GetProperty("principal").GetString()
            )
        );
    }

    [Fact]
    public async Task Namespaces_and_the_history_are_those_that_may_be_seen()
    {
        await using var secured = await SecuredNode.StartAsync();
        var team = await secured.TokenAsync(
            "team",
            SecuredNode.Rule("observe", "team-", isPrefix: true),
            SecuredNode.Rule("history", "team-", isPrefix: true, "a")
        );
        foreach (var space in new[] { "team-1", "other" })
        {
            using var client = await secured.ConnectAsync(secured.Root, space, "&label=" + Secret);
            await client.LockAsync("a/x");
            await client.ReleaseAsync();
            await client.LockAsync("b");
            await client.ReleaseAsync();
        }

        var names = (await secured.GetAsync(team, "/v1/namespaces")).GetProperty("namespaces");
        Assert.Equal("team-1", Assert.Single(names.EnumerateArray()).GetProperty("namespace").GetString());
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await secured.AskAsync(team, HttpMethod.Get, "/stats_v1?namespace=other")).Status
        );
        Assert.Equal(
            HttpStatusCode.OK,
            (await secured.AskAsync(team, HttpMethod.Get, "/stats_v1?namespace=team-1")).Status
        );
        var events = (await secured.GetAsync(team, "/v1/history?order=oldest")).GetProperty("events");
        Assert.Equal(
            ["featureLevelRaised -", "acquired 1", "released 1"],
            events.EnumerateArray().Select(one => $"{one.GetProperty("event")} {Id(one)}")
        );
        var all = (await secured.GetAsync(secured.Root, "/v1/history?order=oldest")).GetProperty("events");
        Assert.Contains(
            all.EnumerateArray(),
            one =>
                one.GetProperty("event").GetString() == "tokenCreated"
                && one.GetProperty("subject").GetString() == "team"
                && one.GetProperty("by").GetString() == "root"
        );
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await secured.AskAsync(team, HttpMethod.Get, "/v1/history/export")).Status
        );
    }

    [Fact]
    public async Task The_live_history_tells_only_what_may_be_read_at_that_moment()
    {
        await using var secured = await SecuredNode.StartAsync(change: settings =>
            settings with
            {
                AllowQueryToken = true,
            }
        );
        var team = await secured.TokenAsync("team", SecuredNode.Rule("history", "n", false, "a"));
        using var stream = await EventStream.OpenAsync(secured.Node, "/v1/history/stream?access_token=" + team);
        using var client = await secured.ConnectAsync(secured.Root, "n");
        await client.LockAsync("hidden");
        await client.ReleaseAsync();
        await client.LockAsync("a");
        await client.ReleaseAsync();
        Assert.Equal("2", (await stream.NextAsync()).Data.GetProperty("id").GetString());
        await stream.NextAsync();

        await secured.SetPolicyAsync("team", SecuredNode.Rule("history", "n", false, "b"));
        await client.LockAsync("a");
        await client.ReleaseAsync();
        await client.LockAsync("b");
        Assert.Equal("4", (await stream.NextAsync()).Data.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Nobody_resumes_the_session_of_another_principal()
    {
        await using var secured = await SecuredNode.StartAsync();
        var one = await secured.TokenAsync("one", SecuredNode.Rule("lock-write", "n"));
        var two = await secured.TokenAsync("two", SecuredNode.Rule("lock-write", "n"));
        var session = "&session=" + new string('s', 32);
        using var holder = await secured.ConnectAsync(one, "n", session);
        await holder.NextTextAsync();
        await holder.LockAsync("a");
        using var thief = await secured.ConnectAsync(two, "n", session);
        var told = JsonDocument.Parse(await thief.NextTextAsync()).RootElement;
        Assert.Equal("ready", told.GetProperty("state").GetString());
        Assert.Equal("ready", (await holder.ReleaseAsync()).State);
    }

    private static string Id(JsonElement one) => one.TryGetProperty("id", out var id) ? id.GetString()! : "-";
}
