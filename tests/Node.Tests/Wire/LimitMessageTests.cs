// A limit that is reached refuses the lock that reaches it, by a message, where the client understands it; and whatever
// crosses the end of a lock is no error.
namespace RaftLocks.Node.Tests.Wire;

public class LimitMessageTests
{
    private const string Extended = "&extensions=1";

    [Fact]
    public async Task A_waiter_too_many_is_told_so_and_its_connection_keeps_its_other_locks()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxWaitingPerNamespace = 1 });
        var holder = await node.ConnectAsync("limit");
        var waiter = await node.ConnectAsync("limit");
        var client = await node.ConnectExtendedAsync("limit", Extended);
        Assert.Equal("acquired", (await client.LockAsync("b")).State);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);

        await client.SendAsync(Lock("a", "x"));
        await client.SendAsync(Release("x"));

        Assert.Equal(
            """{"channel":"x","action":"lock","state":"ready","reason":"limit","limit":"waiting","message":"too many requests wait in this namespace (--max-waiting-per-namespace): try again later"}""",
            await client.NextTextAsync()
        );
        Assert.Equal("""{"channel":"x","id":"0","action":"release","state":"ready"}""", await client.NextTextAsync());
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
        Assert.Equal("ready", (await waiter.ReleaseAsync()).State);
        await client.SendAsync(Lock("a", "x"));
        Assert.Contains("\"state\":\"enqueued\"", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_too_many_and_a_namespace_too_many_are_told_by_their_words()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                MaxLiveRequests = 1,
                MaxNamespaces = 1,
            }
        );
        var client = await node.ConnectExtendedAsync("limit", Extended);
        var other = await node.ConnectExtendedAsync("other", Extended);
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        await client.SendAsync(Lock("b", "x"));
        Assert.Contains("\"limit\":\"live\"", await client.NextTextAsync(), StringComparison.Ordinal);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);

        await other.SendAsync(Lock("a"));

        Assert.StartsWith(
            """{"action":"lock","state":"ready","reason":"limit","limit":"namespaces",""",
            await other.NextTextAsync(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_channel_too_many_is_told_so_and_what_was_sent_ahead_to_it_is_no_mistake()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxChannels = 2 });
        var client = await node.ConnectExtendedAsync("limit", Extended);
        foreach (var channel in new[] { "1", "2" })
        {
            await client.SendAsync(Lock(channel, channel));
            Assert.Contains("acquired", await client.NextTextAsync(), StringComparison.Ordinal);
        }

        await client.SendAsync(Lock("3", "3"));
        await client.SendAsync(Release("3"));

        Assert.StartsWith(
            """{"channel":"3","action":"lock","state":"ready","reason":"limit","limit":"channels",""",
            await client.NextTextAsync(),
            StringComparison.Ordinal
        );
        Assert.Equal("""{"channel":"3","id":"0","action":"release","state":"ready"}""", await client.NextTextAsync());
        await client.SendAsync(Release("1"));
        Assert.Equal("""{"channel":"1","id":"1","action":"release","state":"ready"}""", await client.NextTextAsync());
        await client.SendAsync(Lock("3", "3"));
        Assert.Contains("acquired", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_never_overtakes_the_answers_before_it()
    {
        const int Rounds = 200;
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxWaitingPerNamespace = 1 });
        var holder = await node.ConnectAsync("order");
        var waiter = await node.ConnectAsync("order");
        await holder.LockAsync("a");
        await waiter.LockAsync("a");
        var client = await node.ConnectExtendedAsync("order", Extended);

        for (var i = 0; i < Rounds; i++)
        {
            await client.SendAsync(
                """{"action":"lock","waitTimeoutMs":0,"resources":[{"type":"write","path":["b"]}]}"""
            );
            await client.SendReleaseAsync();
            await client.SendAsync(Lock("a"));
        }

        for (var i = 0; i < Rounds; i++)
        {
            Assert.Contains("acquired", await client.NextTextAsync(), StringComparison.Ordinal);
            Assert.Contains("release", await client.NextTextAsync(), StringComparison.Ordinal);
            Assert.Contains("\"reason\":\"limit\"", await client.NextTextAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("", 200)]
    [InlineData(Extended, 200)]
    public async Task A_release_that_crosses_its_wait_limit_is_no_error_however_many_channels_were_used_meanwhile(
        string extensions,
        int others
    )
    {
        await using var node = await SingleNode.StartAsync();
        var holder = await node.ConnectAsync("cross");
        await holder.LockAsync("a");
        var client = await node.ConnectExtendedAsync("cross", extensions);
        await client.SendAsync(
            """{"action":"lock","channel":"late","waitTimeoutMs":20,"resources":[{"type":"write","path":["a"]}]}"""
        );
        Assert.Contains("enqueued", await client.NextTextAsync(), StringComparison.Ordinal);
        Assert.Contains("timeout", await client.NextTextAsync(), StringComparison.Ordinal);

        for (var i = 0; i < others; i++)
        {
            await client.SendAsync(Lock($"{i}", $"c{i}"));
            await client.SendAsync(Release($"c{i}"));
            await client.NextTextAsync();
            await client.NextTextAsync();
        }

        await client.SendAsync("""{"action":"downgrade","channel":"late"}""");
        Assert.Contains("\"state\":\"ready\"", await client.NextTextAsync(), StringComparison.Ordinal);
        await client.SendAsync(Release("late"));

        Assert.Contains(
            "\"action\":\"release\",\"state\":\"ready\"",
            await client.NextTextAsync(),
            StringComparison.Ordinal
        );
        await client.SendAsync(Lock("free", "late"));
        Assert.Contains("acquired", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_on_a_channel_that_never_had_a_lock_stays_a_mistake()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectExtendedAsync("never", Extended);
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync(Lock($"{i}", $"c{i}"));
            await client.SendAsync(Release($"c{i}"));
            await client.NextTextAsync();
            await client.NextTextAsync();
        }

        await client.SendAsync(Release("never"));

        Assert.Equal(3000, (await client.EndAsync()).Code);
    }

    private static string Lock(string path, string? channel = null) =>
        $$"""{"action":"lock"{{(channel is null ? "" : $",\"channel\":\"{channel}\"")}},"resources":[{"type":"write","path":["{{path}}"]}]}""";

    private static string Release(string channel) => $$"""{"action":"release","channel":"{{channel}}"}""";
}
