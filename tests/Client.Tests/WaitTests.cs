// How long a wait lasts: the cluster ends it, and where it can't, the client's own clock does. A scripted server, false
// time.
using RaftLocks.Client.Tests.Scripted;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class WaitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_wait_that_the_cluster_ends_is_null_or_an_exception()
    {
        await using var client = new ScriptedClient();
        var wire = await ConnectAsync(client);
        var trying = client.Locks.TryAcquireAsync([Write("a")], 10 * Second);
        var acquiring = client.Locks.AcquireAsync([Write("b")], 20 * Second);
        for (ulong id = 1; id <= 2; id++)
        {
            var asked = await wire.HearAsync("lock");
            Assert.Equal(id * 10_000, asked.GetProperty("waitTimeoutMs").GetUInt64());
            var channel = asked.GetProperty("channel").GetString()!;
            wire.Say(ScriptedWire.Reply(channel, id + 1, "lock", "enqueued"));
            wire.Say(ScriptedWire.Reply(channel, id + 1, "lock", "ready", ", \"reason\":\"timeout\""));
        }

        Assert.Null(await trying);
        await Assert.ThrowsAsync<LockNotAcquiredException>(() => acquiring);
        Assert.True(wire.HeardNothing);
    }

    [Fact]
    public async Task A_wait_without_an_end_has_no_limit()
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync([Write("a")], Timeout.InfiniteTimeSpan);
        var wire = await client.AcceptReadyAsync();

        Assert.False((await wire.HearAsync("lock")).TryGetProperty("waitTimeoutMs", out _));
        wire.Say(ScriptedWire.Reply("1", 1, "lock", "acquired"));
        await asking;
    }

    [Fact]
    public async Task A_wait_of_less_than_a_millisecond_is_no_try()
    {
        await using var client = new ScriptedClient();
        var wire = await ConnectAsync(client);
        var asking = client.Locks.AcquireAsync([Write("a")], TimeSpan.FromTicks(1));

        Assert.Equal(1, (await wire.HearAsync("lock")).GetProperty("waitTimeoutMs").GetInt32());
        wire.Say(ScriptedWire.Reply("2", 2, "lock", "acquired"));
        await asking;
    }

    [Fact]
    public async Task A_leader_that_does_not_end_a_wait_is_not_awaited_for_long()
    {
        await using var client = new ScriptedClient();
        var (wire, trying) = await WaitInLineAsync(client, 10 * Second);

        client.Clock.Advance(10 * Second);
        Assert.False(trying.IsCompleted);
        client.Clock.Advance(Second / 2);

        Assert.Null(await trying);
        await wire.ReleaseAsync(1);
    }

    [Fact]
    public async Task A_new_leader_starts_the_wait_anew_but_the_caller_does_not()
    {
        await using var client = new ScriptedClient();
        var (wire, trying) = await WaitInLineAsync(client, 10 * Second);
        var startedAt = client.Clock.GetTimestamp();
        client.Clock.Advance(9 * Second);
        wire.Close(1012, "no longer leads");
        var next = await client.AcceptAsync();
        next.SayResumed(("1", "enqueued", 1, "1"));
        await next.IsReadAsync();

        await client.PassUntilAsync(
            "it is over",
            Second / 100,
            () => trying.IsCompleted || client.Clock.GetElapsedTime(startedAt) >= 10 * Second
        );

        Assert.Null(await trying);
        await next.ReleaseAsync(1);
    }

    [Fact]
    public async Task A_place_in_line_that_is_lost_is_asked_for_again_with_what_is_left_of_the_time()
    {
        await using var client = new ScriptedClient();
        var (wire, trying) = await WaitInLineAsync(client, 10 * Second);
        client.Clock.Advance(6 * Second);
        wire.Close();
        var next = await client.AcceptReadyAsync();

        Assert.InRange((await next.HearAsync("lock")).GetProperty("waitTimeoutMs").GetInt32(), 1, 4_000);
        next.Say(ScriptedWire.Reply("1", 2, "lock", "acquired"));
        Assert.NotNull(await trying);
    }

    [Fact]
    public async Task Without_any_node_it_fails_after_the_reach_timeout_and_says_why()
    {
        await using var client = new ScriptedClient();
        client.Refuse(new Wire.ConnectException("http://a:1: connection refused"));
        var asking = client.Locks.AcquireAsync(Write("a"));

        await client.PassUntilAsync("it fails", Second, () => asking.IsCompleted);

        var failed = await Assert.ThrowsAsync<ClusterUnreachableException>(() => asking);
        Assert.Contains("connection refused", failed.Message, StringComparison.Ordinal);
        Assert.Equal(2, client.Asked.Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wait_shorter_than_the_reach_timeout_is_over_in_time_whether_a_node_is_slow_or_none_is_there(
        bool isSlow
    )
    {
        await using var client = new ScriptedClient();
        client.Refuse(isSlow ? null : new Wire.ConnectException("connection refused"));
        var trying = client.Locks.TryAcquireAsync([Write("a")], 2 * Second);

        await client.PassUntilAsync("it is over", TimeSpan.FromMilliseconds(100), () => trying.IsCompleted);

        if (isSlow)
        {
            Assert.Null(await trying);
        }
        else
        {
            await Assert.ThrowsAsync<ClusterUnreachableException>(() => trying);
        }
    }

    // Time goes on while a client connects, and stands still from then on.
    private static async Task<ScriptedWire> ConnectAsync(ScriptedClient client)
    {
        var first = client.Locks.AcquireAsync(Write("first"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(1);
        await first;
        return wire;
    }

    private static async Task<(ScriptedWire Wire, Task<IHeldLock?> Trying)> WaitInLineAsync(
        ScriptedClient client,
        TimeSpan timeout
    )
    {
        var trying = client.Locks.TryAcquireAsync([Write("a")], timeout);
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        wire.Say(ScriptedWire.Reply("1", 1, "lock", "enqueued"));
        await wire.IsReadAsync();
        return (wire, trying);
    }
}
