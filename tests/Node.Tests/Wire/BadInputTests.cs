// Whatever a client sends: it is told at once what is wrong, nobody else notices, and its lock is what outlives it.
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;

namespace RaftLocks.Node.Tests.Wire;

public class BadInputTests
{
    private const int InvalidPayload = 1007;
    private const int TooLarge = 1009;
    private const int BadInput = 3000;

    public static TheoryData<string, string> Mistakes =>
        new()
        {
            { "", "JSON" },
            { "hello", "JSON" },
            { "[]", "object" },
            { """{"action":"steal"}""", "action" },
            { """{"resources":[{"type":"write","path":["a"]}]}""", "action" },
            { """{"action":"release"}""", "release" },
            { """{"action":"lock"}""", "resources" },
            { """{"action":"lock","resources":[]}""", "resources" },
            { """{"action":"lock","resources":[{"type":"write"}]}""", "path" },
            { """{"action":"lock","resources":[{"type":"write","path":null}]}""", "path" },
            { """{"action":"lock","resources":[{"type":"write","path":[]}]}""", "path" },
            { """{"action":"lock","resources":[{"type":"write","path":"a"}]}""", "path" },
            { """{"action":"lock","resources":[{"type":"own","path":["a"]}]}""", "type" },
            { """{"action":"lock","resources":[{"path":["a"]}]}""", "type" },
            { """{"action":"lock","resources":[{"type":"write","path":["\ud800"]}]}""", "surrogate" },
            { """{"action":"lock","resources":[{"type":"write","path":["a"]}]}{"action":"release"}""", "one JSON" },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_told_at_once(string text, string named)
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("mistake");

        await client.SendAsync(text);

        var end = await client.EndAsync();
        Assert.Equal(BadInput, end.Code);
        Assert.Contains(named, end.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.False(client.HasReply);
    }

    [Fact]
    public async Task A_mistake_while_holding_is_told_at_once_and_the_lock_is_held_for_its_abandon_timeout()
    {
        const int AbandonTimeoutMs = 6_000;
        await using var node = await SingleNode.StartAsync();
        var holder = await node.ConnectAsync("holding", AbandonTimeoutMs);
        var waiter = await node.ConnectAsync("holding");
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);

        var sentAt = Stopwatch.GetTimestamp();
        await holder.SendLockAsync("b");

        Assert.Equal(BadInput, (await holder.EndAsync()).Code);
        Assert.True(Stopwatch.GetElapsedTime(sentAt) < TimeSpan.FromMilliseconds(AbandonTimeoutMs));
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
        Assert.True(Stopwatch.GetElapsedTime(sentAt) >= TimeSpan.FromMilliseconds(AbandonTimeoutMs));
    }

    [Fact]
    public async Task What_was_sent_before_a_mistake_is_answered_first()
    {
        const int Pairs = 200;
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("before");

        for (var i = 0; i < Pairs; i++)
        {
            await client.SendLockAsync("a");
            await client.SendReleaseAsync();
        }

        await client.SendReleaseAsync();

        for (var i = 1; i <= Pairs; i++)
        {
            Assert.Equal(new WireReply($"{i}", "lock", "acquired"), await client.NextAsync());
            Assert.Equal(new WireReply($"{i}", "release", "ready"), await client.NextAsync());
        }

        Assert.Equal(BadInput, (await client.EndAsync()).Code);
    }

    [Fact]
    public async Task A_mistake_while_waiting_gives_up_the_place_in_the_queue()
    {
        await using var node = await SingleNode.StartAsync();
        var reader = await node.ConnectAsync("place");
        var writer = await node.ConnectAsync("place");
        var younger = await node.ConnectAsync("place");
        Assert.Equal("acquired", (await reader.LockAsync("?a")).State);
        Assert.Equal("enqueued", (await writer.LockAsync("a")).State);
        Assert.Equal("enqueued", (await younger.LockAsync("?a")).State);

        await writer.SendAsync("oops");

        Assert.Equal(BadInput, (await writer.EndAsync()).Code);
        Assert.Equal("acquired", (await younger.NextAsync()).State);
    }

    [Fact]
    public async Task A_binary_message_is_refused()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("binary");

        await client.SendAsync(Encoding.UTF8.GetBytes(WireClient.LockText("a")), WebSocketMessageType.Binary);

        var end = await client.EndAsync();
        Assert.Equal(BadInput, end.Code);
        Assert.Contains("binary", end.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_UTF_8_is_refused_never_replaced()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("utf8");

        await client.SendAsync([
            .. """{"action":"lock","resources":[{"type":"write","path":["""u8,
            (byte)'"',
            0xC3,
            0x28,
            (byte)'"',
            .. "]}]}"u8,
        ]);

        Assert.Equal(InvalidPayload, (await client.EndAsync()).Code);
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused_before_all_of_it_has_come()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("large");

        await client.SendPartAsync(
            new byte[70_000]
                .Select(_ => (byte)' ')
                .ToArray(),
            last: false
        );

        Assert.Equal(TooLarge, (await client.EndAsync()).Code);
    }

    [Fact]
    public async Task The_largest_message_that_is_allowed_is_served_in_parts_too()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("largest");
        var message = Encoding.UTF8.GetBytes(WireClient.LockText("a").PadRight(65_536));

        await client.SendAsync(message);
        Assert.Equal("acquired", (await client.NextAsync()).State);
        await client.SendPartAsync("""{"action":"""u8.ToArray(), last: false);
        await client.SendPartAsync("\"release\"}"u8.ToArray(), last: true);

        Assert.Equal("ready", (await client.NextAsync()).State);
    }

    [Theory]
    [InlineData(257, 1, 1)]
    [InlineData(1, 65, 1)]
    [InlineData(1, 1, 1025)]
    public async Task Too_many_resources_segments_or_bytes_are_refused(int resources, int segments, int bytes)
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("many");
        var path = string.Join('/', Enumerable.Repeat(new string('a', bytes), segments));

        await client.SendLockAsync([.. Enumerable.Repeat(path, resources)]);

        Assert.Equal(BadInput, (await client.EndAsync()).Code);
    }

    [Fact]
    public async Task As_many_as_are_allowed_are_served()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("just");

        Assert.Equal("acquired", (await client.LockAsync([.. Enumerable.Range(0, 256).Select(i => $"{i}")])).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
        Assert.Equal("acquired", (await client.LockAsync(string.Join('/', Enumerable.Repeat("a", 64)))).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
        Assert.Equal("acquired", (await client.LockAsync(new string('a', 1024))).State);
    }

    [Fact]
    public async Task An_empty_path_locks_the_namespace_where_that_is_allowed()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { AllowEmptyPath = true });
        var all = await node.ConnectAsync("empty-path");
        var one = await node.ConnectAsync("empty-path");

        await all.SendAsync("""{"action":"lock","resources":[{"type":"W","path":[]}]}""");
        Assert.Equal("acquired", (await all.NextAsync()).State);

        Assert.Equal("enqueued", (await one.LockAsync("a")).State);
    }

    [Fact]
    public async Task A_namespace_too_many_is_refused_and_the_others_go_on()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxNamespaces = 1 });
        var first = await node.ConnectAsync("first");
        Assert.Equal("acquired", (await first.LockAsync("a")).State);
        var second = await node.ConnectAsync("second");

        await second.SendLockAsync("a");

        var end = await second.EndAsync();
        Assert.Equal(1013, end.Code);
        Assert.Contains("namespace", end.Reason, StringComparison.Ordinal);
        Assert.Equal("ready", (await first.ReleaseAsync()).State);
        Assert.Equal("acquired", (await first.LockAsync("a")).State);
    }

    [Fact]
    public async Task A_waiter_too_many_is_refused()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxWaitingPerNamespace = 1 });
        var holder = await node.ConnectAsync("waiters");
        var waiter = await node.ConnectAsync("waiters");
        var another = await node.ConnectAsync("waiters");
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);

        await another.SendLockAsync("a");

        Assert.Equal(1013, (await another.EndAsync()).Code);
        Assert.Equal("ready", (await holder.ReleaseAsync()).State);
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
    }

    [Fact]
    public async Task A_lock_too_many_is_refused()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxLiveRequests = 1 });
        var holder = await node.ConnectAsync("live");
        var another = await node.ConnectAsync("live");
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);

        await another.SendLockAsync("b");

        Assert.Equal(1013, (await another.EndAsync()).Code);
        Assert.Equal("ready", (await holder.ReleaseAsync()).State);
        Assert.Equal("acquired", (await holder.LockAsync("b")).State);
    }
}
