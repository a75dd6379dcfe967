// The questions about who holds and who waits, on a real node over HTTP.
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Queries;

public class QueryPageTests
{
    [Fact]
    public async Task Locks_are_listed_with_state_place_blocker_and_whose_they_are()
    {
        await using var node = await SingleNode.StartAsync();
        using var holder = await WireClient.ConnectAsync(node.Url, "list", 5_000, extensions: "&label=build-7");
        await holder.LockAsync("a/b");
        var first = await node.ConnectAsync("list");
        await first.LockAsync("a");
        var second = await node.ConnectAsync("list");
        await second.LockAsync("?a/b/c", "z");
        var elsewhere = await node.ConnectAsync("list");
        await elsewhere.LockAsync("x");

        var all = await GetAsync(node, "/v1/locks?namespace=list");

        Assert.Equal(["1 acquired", "2 enqueued", "3 enqueued", "4 acquired"], Names(all));
        Assert.False(all.GetProperty("more").GetBoolean());
        var rows = all.GetProperty("requests");
        Assert.Equal("build-7", rows[0].GetProperty("label").GetString());
        Assert.Equal(
            (5_000, true, "list"),
            (
                rows[0].GetProperty("abandonTimeoutMs").GetInt64(),
                rows[0].GetProperty("connected").GetBoolean(),
                rows[0].GetProperty("namespace").GetString()
            )
        );
        Assert.False(rows[0].TryGetProperty("place", out _));
        Assert.Equal(32, rows[0].GetProperty("session").GetString()!.Length);
        Assert.True(DateTimeOffset.TryParse(rows[0].GetProperty("acquiredAt").GetString(), out _));
        Assert.Equal((1, "1"), (rows[1].GetProperty("place").GetInt32(), rows[1].GetProperty("blocker").GetString()));
        Assert.Equal((2, "1"), (rows[2].GetProperty("place").GetInt32(), rows[2].GetProperty("blocker").GetString()));
        Assert.Equal(
            """[{"type":"read","path":["a","b","c"]},{"type":"write","path":["z"]}]""",
            rows[2].GetProperty("resources").GetRawText()
        );

        Assert.Equal(
            ["2 enqueued", "3 enqueued"],
            Names(await GetAsync(node, "/v1/locks?namespace=list&state=enqueued"))
        );
        Assert.Equal(["1 acquired"], Names(await GetAsync(node, "/v1/locks?namespace=list&path=a/b&scope=itself")));
        Assert.Equal(["2 enqueued"], Names(await GetAsync(node, "/v1/locks?namespace=list&path=a/b&scope=above")));
        Assert.Equal(
            ["3 enqueued"],
            Names(await GetAsync(node, """/v1/locks?namespace=list&path=["a","b"]&scope=beneath"""))
        );
        Assert.Equal(
            ["1 acquired", "2 enqueued", "3 enqueued"],
            Names(await GetAsync(node, "/v1/locks?namespace=list&path=a/b"))
        );
        Assert.Empty(Names(await GetAsync(node, "/v1/locks?namespace=nobody")));

        await holder.CloseAsync();
        await Eventually.HoldsAsync(async () =>
            !(await GetAsync(node, "/v1/locks?namespace=list"))
                .GetProperty("requests")[0]
                .GetProperty("connected")
                .GetBoolean()
        );
    }

    [Fact]
    public async Task Pages_follow_one_another_by_cursor_and_a_filter_may_leave_a_page_short_but_not_the_list()
    {
        await using var node = await SingleNode.StartAsync();
        for (var i = 0; i < 25; i++)
        {
            await (await node.ConnectAsync("pages")).LockAsync(i % 2 == 0 ? "even/" + i : "odd/" + i);
        }

        Assert.Equal(Enumerable.Range(1, 25), await AllAsync("namespace=pages&limit=4"));
        Assert.Equal(Enumerable.Range(1, 25), await AllAsync("namespace=pages&limit=5"));
        Assert.Equal(
            Enumerable.Range(1, 25).Where(i => i % 2 == 1),
            await AllAsync("namespace=pages&path=even&limit=3")
        );

        async Task<IEnumerable<int>> AllAsync(string query)
        {
            var (ids, cursor) = (new List<int>(), "");
            do
            {
                var page = await GetAsync(node, $"/v1/locks?{query}{cursor}");
                var rows = page.GetProperty("requests")
                    .EnumerateArray()
                    .Select(row => int.Parse(row.GetProperty("id").GetString()!))
                    .ToList();
                Assert.InRange(rows.Count, 0, 5);
                ids.AddRange(rows);
                cursor = page.GetProperty("more").GetBoolean()
                    ? "&cursor=" + page.GetProperty("cursor").GetString()
                    : "";
            } while (cursor.Length > 0);
            return ids;
        }
    }

    [Fact]
    public async Task Namespaces_are_listed_empty_ones_too()
    {
        await using var node = await SingleNode.StartAsync();
        for (var i = 0; i < 30; i++)
        {
            using var client = await WireClient.ConnectAsync(node.Url, $"space-{i}", 0);
            await client.LockAsync("a");
            await client.ReleaseAsync();
        }

        await (await node.ConnectAsync("busy")).LockAsync("a");
        await (await node.ConnectAsync("busy")).LockAsync("a");
        var (rows, cursor) = (new List<JsonElement>(), "");
        do
        {
            var page = await GetAsync(node, $"/v1/namespaces?limit=7{cursor}");
            rows.AddRange(page.GetProperty("namespaces").EnumerateArray());
            cursor = page.GetProperty("more").GetBoolean() ? "&cursor=" + page.GetProperty("cursor").GetString() : "";
        } while (cursor.Length > 0);

        Assert.Equal(
            Enumerable.Range(0, 30).Select(i => $"space-{i}").Append("busy").Order(StringComparer.Ordinal),
            rows.Select(row => row.GetProperty("namespace").GetString()!).Order(StringComparer.Ordinal)
        );
        var busy = rows.Single(row => row.GetProperty("namespace").GetString() == "busy");
        Assert.Equal(
            (1, 1, "2"),
            (
                busy.GetProperty("held").GetInt32(),
                busy.GetProperty("waiting").GetInt32(),
                busy.GetProperty("lastId").GetString()
            )
        );
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await node.Http.GetAsync(new Uri(node.Url, "/v1/namespaces?cursor=00000000-7"))).StatusCode
        );
    }

    [Fact]
    public async Task The_fence_tells_whether_a_token_still_holds()
    {
        await using var node = await SingleNode.StartAsync();
        var holder = await node.ConnectAsync("fence");
        await holder.LockAsync("a");
        await (await node.ConnectAsync("fence")).LockAsync("?a");

        Assert.Equal("1 acquired True", await FenceAsync(1));
        Assert.Equal("2 enqueued False", await FenceAsync(2));
        await holder.ReleaseAsync();
        Assert.Equal("1 gone False", await FenceAsync(1));
        Assert.Equal("2 acquired True", await FenceAsync(2));
        Assert.Equal("77 gone False", await FenceAsync(77));

        async Task<string> FenceAsync(int id)
        {
            var view = await GetAsync(node, $"/v1/fence?namespace=fence&id={id}");
            Assert.Equal(
                view.GetProperty("state").GetString() == "gone",
                view.GetProperty("resources").GetArrayLength() == 0
            );
            return $"{view.GetProperty("id").GetString()} {view.GetProperty("state").GetString()} "
                + $"{view.GetProperty("held").GetBoolean()}";
        }
    }

    [Fact]
    public async Task A_question_why_is_answered_with_the_whole_chain_and_joins_no_queue()
    {
        await using var node = await SingleNode.StartAsync();
        await (await node.ConnectAsync("why")).LockAsync("a");
        await (await node.ConnectAsync("why")).LockAsync("a/b", "c");
        await (await node.ConnectAsync("why")).LockAsync("c/d");
        await (await node.ConnectAsync("why")).LockAsync("elsewhere");

        var free = await ExplainAsync("""{"namespace":"why","resources":[{"type":"read","path":["f"]}]}""");
        Assert.Equal(
            (true, 0),
            (free.GetProperty("wouldBeGranted").GetBoolean(), free.GetProperty("chain").GetArrayLength())
        );

        var would = await ExplainAsync("""{"namespace":"why","resources":[{"type":"read","path":["c","d","e"]}]}""");
        Assert.False(would.GetProperty("wouldBeGranted").GetBoolean());
        Assert.Equal("""["2","3"]""", would.GetProperty("blockedBy").GetRawText());
        Assert.Equal(
            ["1 acquired []", """2 enqueued ["1"]""", """3 enqueued ["2"]"""],
            would
                .GetProperty("chain")
                .EnumerateArray()
                .Select(link =>
                    $"{link.GetProperty("id").GetString()} {link.GetProperty("state").GetString()} "
                    + $"{link.GetProperty("blockedBy").GetRawText()}"
                )
        );

        var waits = await ExplainAsync("""{"namespace":"why","id":"3"}""");
        Assert.Equal(
            ("enqueued", 2, false),
            (
                waits.GetProperty("state").GetString(),
                waits.GetProperty("chain").GetArrayLength(),
                waits.GetProperty("wouldBeGranted").GetBoolean()
            )
        );
        Assert.Equal(
            "acquired",
            (await ExplainAsync("""{"namespace":"why","id":"1"}""")).GetProperty("state").GetString()
        );
        Assert.Equal(
            "gone",
            (await ExplainAsync("""{"namespace":"why","id":"99"}""")).GetProperty("state").GetString()
        );
        Assert.Equal(4, (await GetAsync(node, "/v1/locks?namespace=why")).GetProperty("requests").GetArrayLength());

        async Task<JsonElement> ExplainAsync(string question)
        {
            var answer = await PostAsync(node, "/v1/explain", question);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }
    }

    [Theory]
    [InlineData("/v1/locks", "namespace")]
    [InlineData("/v1/locks?namespace=a&colour=red", "colour")]
    [InlineData("/v1/locks?namespace=a&limit=0", "limit")]
    [InlineData("/v1/locks?namespace=a&limit=1001", "limit")]
    [InlineData("/v1/locks?namespace=a&cursor=x", "cursor")]
    [InlineData("/v1/locks?namespace=a&state=held", "state")]
    [InlineData("/v1/locks?namespace=a&path=[1]", "path")]
    [InlineData("/v1/locks?namespace=a&scope=near", "scope")]
    [InlineData("/v1/namespaces?cursor=z", "cursor")]
    [InlineData("/v1/fence?namespace=a", "id")]
    [InlineData("/v1/fence?namespace=a&id=-1", "id")]
    [InlineData("/v1/fence?id=1", "namespace")]
    public async Task A_bad_parameter_is_answered_400_with_a_sentence(string address, string named)
    {
        await using var node = await SingleNode.StartAsync();

        var answer = await node.Http.GetAsync(new Uri(node.Url, address));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(named, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("""{"id":"1"}""", "namespace")]
    [InlineData("""{"namespace":"a"}""", "resources")]
    [InlineData("""{"namespace":"a","id":"1","resources":[]}""", "resources")]
    [InlineData("""{"namespace":"a","id":"one"}""", "id")]
    [InlineData("""{"namespace":7,"id":"1"}""", "namespace")]
    [InlineData("""{"namespace":"a","resources":[]}""", "resources is empty")]
    [InlineData("""{"namespace":"a","resources":[{"type":"own","path":["a"]}]}""", "type")]
    [InlineData("""{"namespace":"a","resources":[{"type":"read","path":[]}]}""", "path")]
    public async Task A_bad_question_is_answered_400_with_a_sentence(string question, string named)
    {
        await using var node = await SingleNode.StartAsync();

        var answer = await PostAsync(node, "/v1/explain", question);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(named, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PostAsync(SingleNode node, string path, string json) =>
        node.Http.PostAsync(
            new Uri(node.Url, path),
            new StringContent(json, System.Text.Encoding.UTF8, "application/json")
        );

    private static Task<JsonElement> GetAsync(SingleNode node, string path) =>
        node.Http.GetFromJsonAsync<JsonElement>(new Uri(node.Url, path));

    private static IEnumerable<string> Names(JsonElement page) =>
        page.GetProperty("requests")
            .EnumerateArray()
            .Select(row => $"{row.GetProperty("id").GetString()} {row.GetProperty("state").GetString()}");
}
