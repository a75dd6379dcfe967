// The extensions over a real connection, and that a plain client of v1 beside them never sees any.
using System.Net;

namespace RaftLocks.Node.Tests.Wire;

public class ExtensionTests
{
    private const string Session = "&session=0123456789abcdef";
    private const string LockX = """{"action":"lock","resources":[{"type":"write","path":["x"]}]""";

    [Fact]
    public async Task A_session_is_resumed_and_its_lock_released()
    {
        await using var node = await SingleNode.StartAsync();
        var first = await node.ConnectExtendedAsync("resume", Session);
        Assert.Equal("""{"action":"resume","state":"ready"}""", await first.NextTextAsync());
        await first.SendAsync(LockX + ",\"ref\":\"r1\"}");
        Assert.Equal("acquired", (await first.NextAsync()).State);
        await first.CloseAsync();

        var second = await node.ConnectExtendedAsync("resume", Session);
        Assert.Equal(
            """{"action":"resume","state":"acquired","id":"1","ref":"r1","resources":[{"type":"write","path":["x"]}],"abandonTimeoutMs":60000}""",
            await second.NextTextAsync()
        );
        Assert.Equal(new WireReply("1", "release", "ready"), await second.ReleaseAsync());
        Assert.Equal(new WireReply("2", "lock", "acquired"), await second.LockAsync("x"));
    }

    [Fact]
    public async Task A_second_connection_replaces_the_first()
    {
        await using var node = await SingleNode.StartAsync();
        var first = await node.ConnectExtendedAsync("replace", Session);
        await first.NextTextAsync();
        Assert.Equal("acquired", (await first.LockAsync("x")).State);

        var second = await node.ConnectExtendedAsync("replace", Session);

        Assert.Contains("\"state\":\"acquired\"", await second.NextTextAsync(), StringComparison.Ordinal);
        Assert.Equal(3001, (await first.EndAsync()).Code);
    }

    [Fact]
    public async Task Channels_over_one_connection_come_back_together()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectExtendedAsync("channels", Session);
        await client.NextTextAsync();
        await client.SendAsync(LockX + ",\"channel\":\"é\\\"\"}");
        Assert.Equal("""{"channel":"é\"","id":"1","action":"lock","state":"acquired"}""", await client.NextTextAsync());
        await client.SendAsync(LockX + ",\"channel\":\"b\"}");
        Assert.Equal("""{"channel":"b","id":"2","action":"lock","state":"enqueued"}""", await client.NextTextAsync());
        await client.CloseAsync();

        var back = await node.ConnectExtendedAsync("channels", Session);
        Assert.Equal("""{"action":"resume","state":"ready","channels":2}""", await back.NextTextAsync());
        string[] told = [await back.NextTextAsync(), await back.NextTextAsync()];
        Assert.Contains(
            told,
            text =>
                text.StartsWith(
                    "{\"channel\":\"é\\\"\",\"action\":\"resume\",\"state\":\"acquired\",\"id\":\"1\"",
                    StringComparison.Ordinal
                )
        );
        Assert.Contains(
            told,
            text =>
                text.StartsWith(
                    "{\"channel\":\"b\",\"action\":\"resume\",\"state\":\"enqueued\",\"id\":\"2\"",
                    StringComparison.Ordinal
                )
        );
        await back.SendAsync("""{"action":"release","channel":"é\""}""");
        Assert.Equal("""{"channel":"é\"","id":"1","action":"release","state":"ready"}""", await back.NextTextAsync());
        Assert.Equal("""{"channel":"b","id":"2","action":"lock","state":"acquired"}""", await back.NextTextAsync());
    }

    [Fact]
    public async Task Too_many_channels_are_refused_with_a_sentence()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxChannels = 2 });
        var client = await node.ConnectAsync("many");
        foreach (var channel in "abc")
        {
            await client.SendAsync(
                $$"""{"action":"lock","resources":[{"type":"write","path":["{{channel}}"]}],"channel":"{{channel}}"}"""
            );
        }

        Assert.Contains("\"channel\":\"a\"", await client.NextTextAsync(), StringComparison.Ordinal);
        Assert.Contains("\"channel\":\"b\"", await client.NextTextAsync(), StringComparison.Ordinal);
        var end = await client.EndAsync();
        Assert.Equal(1013, end.Code);
        Assert.Contains("--max-channels", end.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_is_not_to_wait_is_refused_as_busy_and_the_connection_goes_on()
    {
        await using var node = await SingleNode.StartAsync();
        var (holder, hasty) = (await node.ConnectAsync("try"), await node.ConnectAsync("try"));
        await holder.LockAsync("x");

        await hasty.SendAsync(LockX + ",\"waitTimeoutMs\":0}");
        Assert.Equal("""{"action":"lock","state":"ready","reason":"busy"}""", await hasty.NextTextAsync());
        await holder.ReleaseAsync();
        await hasty.SendAsync(LockX + ",\"waitTimeoutMs\":0}");
        Assert.Equal(new WireReply("2", "lock", "acquired"), await hasty.NextAsync());
    }

    [Fact]
    public async Task A_wait_ends_after_its_limit_and_the_connection_goes_on()
    {
        await using var node = await SingleNode.StartAsync();
        var (holder, waiter) = (await node.ConnectAsync("wait"), await node.ConnectAsync("wait"));
        await holder.LockAsync("x");

        await waiter.SendAsync(LockX + ",\"waitTimeoutMs\":50}");
        Assert.Equal("""{"id":"2","action":"lock","state":"enqueued"}""", await waiter.NextTextAsync());
        Assert.Equal("""{"id":"2","action":"lock","state":"ready","reason":"timeout"}""", await waiter.NextTextAsync());
        Assert.Equal(new WireReply("3", "lock", "acquired"), await waiter.LockAsync("y"));
    }

    [Fact]
    public async Task A_downgrade_lets_readers_in_and_an_upgrade_is_refused()
    {
        await using var node = await SingleNode.StartAsync();
        var (holder, reader) = (await node.ConnectAsync("down"), await node.ConnectAsync("down"));
        await reader.SendAsync("""{"action":"ping"}""");
        await reader.NextTextAsync();
        await holder.SendLockAsync("x");
        await holder.SendAsync("""{"action":"downgrade"}""");
        Assert.Equal("""{"id":"1","action":"lock","state":"acquired"}""", await holder.NextTextAsync());
        Assert.Equal("""{"id":"1","action":"downgrade","state":"acquired"}""", await holder.NextTextAsync());
        Assert.Equal(new WireReply("2", "lock", "acquired"), await reader.LockAsync("?x"));

        await holder.SendAsync("""{"action":"upgrade"}""");
        var end = await holder.EndAsync();
        Assert.Equal(3000, end.Code);
        Assert.Contains("release, then lock anew", end.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_downgrade_without_a_held_lock_is_a_mistake(bool whileWaiting)
    {
        await using var node = await SingleNode.StartAsync();
        var (holder, client) = (await node.ConnectAsync("early"), await node.ConnectAsync("early"));
        await holder.LockAsync("x");
        if (whileWaiting)
        {
            await client.SendLockAsync("x");
        }

        await client.SendAsync("""{"action":"downgrade"}""");

        Assert.Equal(3000, (await client.EndAsync()).Code);
    }

    [Fact]
    public async Task Pings_are_answered_in_any_state_of_any_connection()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("ping");
        await client.SendAsync("""{"action":"ping","t":"17"}""");
        Assert.Equal("""{"action":"pong","t":"17"}""", await client.NextTextAsync());
        await client.LockAsync("x");
        await client.SendAsync("""{"action":"ping"}""");
        Assert.Equal("""{"action":"pong"}""", await client.NextTextAsync());
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
    }

    [Theory]
    [InlineData("&session=short")]
    [InlineData("&progress=maybe")]
    public async Task A_bad_query_is_answered_400(string extensions)
    {
        await using var node = await SingleNode.StartAsync();

        var answer = await node.Http.GetAsync(new Uri(node.Url, "/v1?namespace=n" + extensions));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_plain_client_beside_all_of_this_hears_v1_and_nothing_else()
    {
        await using var node = await SingleNode.StartAsync();
        var extended = await node.ConnectExtendedAsync("plain", Session + "&label=me&progress=1");
        await extended.NextTextAsync();
        await extended.SendAsync(LockX + ",\"ref\":\"r\",\"label\":\"l\",\"channel\":\"c\"}");
        await extended.NextTextAsync();
        var plain = await node.ConnectAsync("plain");

        await plain.SendLockAsync("x");
        Assert.Equal("""{"id":"2","action":"lock","state":"enqueued"}""", await plain.NextTextAsync());
        await extended.SendAsync("""{"action":"release","channel":"c"}""");
        Assert.Equal("""{"id":"2","action":"lock","state":"acquired"}""", await plain.NextTextAsync());
        await plain.SendReleaseAsync();
        Assert.Equal("""{"id":"2","action":"release","state":"ready"}""", await plain.NextTextAsync());
    }
}
