// The history over HTTP: a lock's story, pages, refusals; the live stream; the export.
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RaftLocks.Api;
using RaftLocks.Journal;
using RaftLocks.Ledger.Proof;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.History;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.History;

public class HistoryPageTests
{
    [Fact]
    public async Task A_lock_s_story_is_told_oldest_first_or_newest_first()
    {
        await using var node = await StartAsync();
        var holder = await node.ConnectAsync("story");
        var waiter = await node.ConnectAsync("story");
        await holder.LockAsync("a/b");
        await waiter.LockAsync("a");
        await (await node.ConnectAsync("other")).LockAsync("a");
        await holder.ReleaseAsync();
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
        await waiter.ReleaseAsync();

        var oldest = await GetAsync(node, "/v1/history?namespace=story&order=oldest");
        Assert.Equal(
            ["acquired 1 a/b", "enqueued 2 a", "released 1 a/b", "acquired 2 a", "released 2 a"],
            Events(oldest).Select(Told)
        );
        Assert.False(oldest.GetProperty("more").GetBoolean());
        Assert.Equal("n1", oldest.GetProperty("node").GetString());
        Assert.Equal(Events(oldest)[^1].GetProperty("index").GetInt64(), oldest.GetProperty("index").GetInt64());

        Assert.Equal(
            Events(oldest).Select(Told).Reverse(),
            Events(await GetAsync(node, "/v1/history?namespace=story")).Select(Told)
        );
        Assert.Equal(
            ["acquired 1 a/b", "released 1 a/b"],
            Events(await GetAsync(node, "/v1/history?namespace=story&id=1&order=oldest")).Select(Told)
        );
        Assert.Equal(3, Events(await GetAsync(node, "/v1/history?namespace=story&path=a&scope=itself")).Length);
        Assert.Equal(
            5,
            Events(await GetAsync(node, "/v1/history?namespace=story&path=[\"a\",\"b\",\"c\"]&scope=above")).Length
        );
        Assert.Equal(2, Events(await GetAsync(node, "/v1/history?namespace=story&path=a&scope=beneath")).Length);

        // Besides, the node has raised the feature level by itself.
        Assert.Equal(
            "featureLevelRaised",
            Events(await GetAsync(node, "/v1/history?order=oldest"))[0].GetProperty("event").GetString()
        );
        Assert.Equal(6 + 1, Events(await GetAsync(node, "/v1/history")).Length);

        var released = Events(oldest)[2];
        var session = released.GetProperty("session").GetString();
        Assert.Equal(session, Events(oldest)[0].GetProperty("session").GetString());
        Assert.Equal(2, Events(await GetAsync(node, "/v1/history?session=" + session)).Length);
        Assert.True(released.GetProperty("heldMs").GetInt64() >= 0);
        Assert.True(Events(oldest)[3].GetProperty("waitedMs").GetInt64() >= 0);
        Assert.Equal("write", released.GetProperty("resources")[0].GetProperty("type").GetString());
    }

    [Fact]
    public async Task Pages_follow_each_other()
    {
        await using var node = await StartAsync();
        var client = await node.ConnectAsync("pages");
        for (var i = 0; i < 10; i++)
        {
            await client.LockAsync("a");
            await client.ReleaseAsync();
        }

        var found = new List<string>();
        var cursor = "";
        do
        {
            var page = await GetAsync(node, "/v1/history?namespace=pages&limit=7" + cursor);
            found.AddRange(Events(page).Select(Told));
            cursor = page.GetProperty("more").GetBoolean() ? "&cursor=" + page.GetProperty("cursor").GetString() : "";
        } while (cursor.Length > 0);

        Assert.Equal(20, found.Count);
        Assert.Equal("released 10 a", found[0]);
        Assert.Equal("acquired 1 a", found[^1]);
    }

    [Theory]
    [InlineData("?path=a", "namespace")]
    [InlineData("?id=1", "namespace")]
    [InlineData("?namespace=a&id=x", "'id'")]
    [InlineData("?session=abc", "'session'")]
    [InlineData("?from=yesterday", "'from'")]
    [InlineData("?limit=0", "'limit'")]
    [InlineData("?limit=1001", "'limit'")]
    [InlineData("?order=up", "'order'")]
    [InlineData("?cursor=x", "'cursor'")]
    [InlineData("?namespace=a&path=[1]", "'path'")]
    [InlineData("?namespace=a&path=a&scope=near", "'scope'")]
    [InlineData("?names=a", "'names'")]
    [InlineData("?namespace=a&namespace=b", "'namespace'")]
    public async Task A_bad_parameter_is_answered_400_with_a_sentence(string query, string named)
    {
        await using var node = await StartAsync();

        var answer = await node.Http.GetAsync(new Uri(node.Url, "/v1/history" + query));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(named, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_journal_says_so()
    {
        await using var node = await SingleNode.StartAsync();

        foreach (var page in new[] { "/v1/history", "/v1/history/stream", "/v1/history/export" })
        {
            var answer = await node.Http.GetAsync(new Uri(node.Url, page));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains("--journal off", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_stream_tells_what_happens_and_goes_on_after_a_break()
    {
        await using var node = await StartAsync();
        var client = await node.ConnectAsync("live");
        await client.LockAsync("before");
        using var stream = await EventStream.OpenAsync(node, "/v1/history/stream?namespace=live");
        await client.ReleaseAsync();
        await (await node.ConnectAsync("other")).LockAsync("a");
        await client.LockAsync("a");

        var released = await stream.NextAsync();
        Assert.Equal("released 1 before", Told(released.Data));
        Assert.Equal(("released", released.Data.GetProperty("cursor").GetString()), (released.Name, released.Id));
        Assert.Equal("acquired 2 a", Told((await stream.NextAsync()).Data));

        using var again = await EventStream.OpenAsync(
            node,
            "/v1/history/stream?namespace=live",
            lastEventId: released.Id
        );
        Assert.Equal("acquired 2 a", Told((await again.NextAsync()).Data));
        await client.ReleaseAsync();
        Assert.Equal("released 2 a", Told((await again.NextAsync()).Data));
        using var all = await EventStream.OpenAsync(node, "/v1/history/stream?namespace=live&after=0-0");
        Assert.Equal("acquired 1 before", Told((await all.NextAsync()).Data));
    }

    [Fact]
    public async Task A_node_that_stops_ends_its_streams()
    {
        await using var node = await StartAsync();
        using var stream = await EventStream.OpenAsync(node, "/v1/history/stream");

        await node.StopAsync().WaitAsync(WireClient.WaitBound);

        await Assert.ThrowsAnyAsync<IOException>(stream.NextAsync);
    }

    [Fact]
    public async Task A_slow_reader_is_told_how_much_it_lost()
    {
        var subscriber = new HistorySubscriber(new HistoryFilter());
        const int much = (Limits.HistoryStreamBytes / 4) - 1_000;
        Offer(1, much);
        Offer(2, much);
        Offer(3, much);
        Offer(4, much);

        Assert.Equal("1-0", (await NextAsync())!.Value.Event!.Cursor);
        Assert.Null((await NextAsync())!.Value.Loss);
        Assert.Equal(new HistoryLoss(2, "2-0", "this reader is too slow"), (await NextAsync())!.Value.Loss);
        Assert.Null(await NextAsync());
        Offer(5, 10);
        Assert.Equal("5-0", (await NextAsync())!.Value.Event!.Cursor);

        Task<LiveItem?> NextAsync() => subscriber.NextAsync(TimeSpan.FromMilliseconds(20), CancellationToken.None);

        void Offer(long index, int bodyBytes) =>
            subscriber.Offer(
                new EventKey(index, 0),
                EventDecoder.Decode(default, new EventKey(index, 0), 0),
                bodyBytes
            );
    }

    [Fact]
    public async Task The_export_is_a_journal_that_can_be_proven()
    {
        await using var node = await StartAsync();
        var client = await node.ConnectAsync("export");
        for (var i = 0; i < 30; i++)
        {
            await client.LockAsync("a");
            await client.ReleaseAsync();
        }

        var path = Path.Combine(node.Folder, "exported");
        await File.WriteAllBytesAsync(path, await node.Http.GetByteArrayAsync(new Uri(node.Url, "/v1/history/export")));

        var verdict = Verification.Run(path, [], (_, _) => { });
        Assert.Equal((Outcome.Proven, 60L + 1), (verdict.Outcome, verdict.Events));
    }

    private static Task<SingleNode> StartAsync() =>
        SingleNode.StartAsync(settings =>
            settings with
            {
                Journal = new JournalOptions
                {
                    Directory = Path.Combine(settings.DataDirectory, JournalFolder.Name),
                    Node = settings.Name,
                    KeepFreeBytes = 0,
                },
            }
        );

    private static Task<JsonElement> GetAsync(SingleNode node, string page) =>
        node.Http.GetFromJsonAsync<JsonElement>(new Uri(node.Url, page));

    private static JsonElement[] Events(JsonElement page) => [.. page.GetProperty("events").EnumerateArray()];

    private static string Told(JsonElement one) =>
        $"{one.GetProperty("event").GetString()} {one.GetProperty("id").GetString()} "
        + $"{string.Join('/', one.GetProperty("resources")[0].GetProperty("path").EnumerateArray())}";
}
