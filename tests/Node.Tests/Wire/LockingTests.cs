// Taking, awaiting and releasing locks over a real connection.
using System.Diagnostics;

namespace RaftLocks.Node.Tests.Wire;

public class LockingTests
{
    [Fact]
    public async Task Lock_wait_and_release()
    {
        await using var node = await SingleNode.StartAsync();
        var holder = await node.ConnectAsync("a");
        var waiter = await node.ConnectAsync("a");

        Assert.Equal(new WireReply("1", "lock", "acquired"), await holder.LockAsync("x"));
        Assert.Equal(new WireReply("2", "lock", "enqueued"), await waiter.LockAsync("x/y", "?z"));
        Assert.Equal(new WireReply("1", "release", "ready"), await holder.ReleaseAsync());
        Assert.Equal(new WireReply("2", "lock", "acquired"), await waiter.NextAsync());
        Assert.Equal(new WireReply("2", "release", "ready"), await waiter.ReleaseAsync());
    }

    [Fact]
    public async Task Five_hundred_pairs_sent_ahead_are_answered_in_order()
    {
        const int Pairs = 500;
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("ahead");

        for (var i = 0; i < Pairs; i++)
        {
            await client.SendLockAsync("x");
            await client.SendReleaseAsync();
        }

        for (var i = 1; i <= Pairs; i++)
        {
            Assert.Equal(new WireReply($"{i}", "lock", "acquired"), await client.NextAsync());
            Assert.Equal(new WireReply($"{i}", "release", "ready"), await client.NextAsync());
        }
    }

    [Fact]
    public async Task A_client_that_sends_more_ahead_than_the_node_takes_in_is_served_in_full()
    {
        const int Pairs = 5_000;
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("far-ahead");

        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Pairs; i++)
            {
                await client.SendLockAsync("x");
                await client.SendReleaseAsync();
            }
        });
        for (var i = 1; i <= Pairs; i++)
        {
            Assert.Equal($"{i} acquired", $"{(await client.NextAsync()).Id} acquired");
            Assert.Equal("ready", (await client.NextAsync()).State);
        }

        await sending;
    }

    [Fact]
    public async Task A_cancelled_waiter_blocks_nobody()
    {
        await using var node = await SingleNode.StartAsync();
        var reader = await node.ConnectAsync("cancel");
        var writer = await node.ConnectAsync("cancel");
        var younger = await node.ConnectAsync("cancel");
        Assert.Equal("acquired", (await reader.LockAsync("?x")).State);
        Assert.Equal("enqueued", (await writer.LockAsync("x")).State);
        Assert.Equal("enqueued", (await younger.LockAsync("?x")).State);

        Assert.Equal(new WireReply("2", "release", "ready"), await writer.ReleaseAsync());

        Assert.Equal(new WireReply("3", "lock", "acquired"), await younger.NextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiter_whose_connection_ends_blocks_nobody(bool closesCleanly)
    {
        await using var node = await SingleNode.StartAsync();
        var reader = await node.ConnectAsync("vanish");
        var writer = await node.ConnectAsync("vanish", abandonTimeoutMs: 600_000);
        var younger = await node.ConnectAsync("vanish");
        Assert.Equal("acquired", (await reader.LockAsync("?x")).State);
        Assert.Equal("enqueued", (await writer.LockAsync("x")).State);
        Assert.Equal("enqueued", (await younger.LockAsync("?x")).State);

        if (closesCleanly)
        {
            await writer.CloseAsync();
        }
        else
        {
            writer.Dispose();
        }

        Assert.Equal(new WireReply("3", "lock", "acquired"), await younger.NextAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    public async Task A_lock_outlives_its_connection_by_its_abandon_timeout(int abandonTimeoutMs)
    {
        await using var node = await SingleNode.StartAsync();
        var holder = await node.ConnectAsync("outlive", abandonTimeoutMs);
        var waiter = await node.ConnectAsync("outlive");
        Assert.Equal("acquired", (await holder.LockAsync("x")).State);
        Assert.Equal("enqueued", (await waiter.LockAsync("x")).State);

        var endedAt = Stopwatch.GetTimestamp();
        await holder.CloseAsync();
        Assert.Equal("acquired", (await waiter.NextAsync()).State);

        var waitedMs = Stopwatch.GetElapsedTime(endedAt).TotalMilliseconds;
        Assert.InRange(waitedMs, abandonTimeoutMs, abandonTimeoutMs + 10_000);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_frozen_client_of_an_extended_connection_loses_its_lock()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                PingIntervalMs = 1_000,
                PingTimeoutMs = 8_000,
            }
        );
        var frozen = await node.ConnectAsync(
            "frozen",
            abandonTimeoutMs: 0,
            answersPings: false,
            extensions: "&extensions=1"
        );
        var waiter = await node.ConnectAsync("frozen");
        await frozen.SendLockAsync("x");
        await Eventually.HoldsAsync(async () =>
            (await node.Http.GetStringAsync(new Uri(node.Url, "/stats_v1?namespace=frozen"))).Contains("\"acquired\":1")
        );

        Assert.Equal("enqueued", (await waiter.LockAsync("x")).State);
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_silent_client_that_answers_pings_keeps_its_lock_and_its_place()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                PingIntervalMs = 1_000,
                PingTimeoutMs = 8_000,
            }
        );
        var holder = await node.ConnectAsync("silent", abandonTimeoutMs: 0);
        var waiter = await node.ConnectAsync("silent", abandonTimeoutMs: 0);
        Assert.Equal("acquired", (await holder.LockAsync("x")).State);
        Assert.Equal("enqueued", (await waiter.LockAsync("x")).State);

        // Many times the interval, and longer than the timeout: nothing to wait for but time itself.
        await Task.Delay(12_000);

        Assert.False(holder.Ended.IsCompleted);
        Assert.False(waiter.HasReply);
        Assert.Equal("ready", (await holder.ReleaseAsync()).State);
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
    }

    [Fact]
    public async Task Many_random_clients_never_hold_conflicting_locks()
    {
        const int Clients = 12;
        const int Rounds = 150;
        await using var node = await SingleNode.StartAsync();
        var held = new HeldLocks();

        await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(async seed =>
                {
                    var random = new Random(seed);
                    var client = await node.ConnectAsync("random");
                    for (var round = 0; round < Rounds; round++)
                    {
                        var resources = Enumerable
                            .Range(0, random.Next(1, 3))
                            .Select(_ =>
                                (random.Next(2) == 0 ? "?" : "")
                                + string.Join(
                                    '/',
                                    Enumerable.Range(0, random.Next(1, 4)).Select(_ => "abc"[random.Next(3)])
                                )
                            )
                            .ToArray();
                        var reply = await client.LockAsync(resources);
                        if (reply.State == "enqueued" && random.Next(10) > 0)
                        {
                            reply = await client.NextAsync();
                        }

                        if (reply.State == "acquired")
                        {
                            held.Add(reply.Number, resources);
                            held.Remove(reply.Number);
                        }

                        await client.SendReleaseAsync();
                        while ((await client.NextAsync()).State != "ready") { }
                    }
                })
        );

        Assert.Equal([], held.Conflicts);
        Assert.True(held.Granted > Clients * Rounds / 2);
    }
}
