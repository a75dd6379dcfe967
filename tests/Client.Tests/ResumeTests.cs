// Coming back: what was held is held, who waited has its place, what was in doubt is found out. A scripted server,
// false time.
using RaftLocks.Client.Tests.Scripted;
using RaftLocks.Client.Wire;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class ResumeTests
{
    private const string NothingLive = """{"action":"resume","state":"ready"}""";

    [Fact]
    public async Task What_is_found_again_is_still_held()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        wire.Close(1012, "no longer leads");

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.IsReadAsync();

        Assert.False(held.IsLost);
        Assert.True(next.HeardNothing);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abandoned")]
    public async Task What_is_not_found_again_is_lost(string reason)
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        wire.Close();

        var next = await client.AcceptAsync();
        next.Say(reason.Length == 0 ? NothingLive : """{"action":"resume","state":"ready","channels":1}""");
        if (reason.Length > 0)
        {
            next.Say($$"""{"channel":"1","action":"resume","state":"ready","reason":"{{reason}}"}""");
        }

        await next.IsReadAsync();
        Assert.True(held.IsLost);
        Assert.Contains(reason, held.LossReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_lock_under_the_same_channel_is_not_ours()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        wire.Close();

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 9, "another"));

        await next.HearAsync("release");
        Assert.True(held.IsLost);
    }

    [Theory]
    [InlineData("enqueued")]
    [InlineData("acquired")]
    public async Task A_lock_message_in_doubt_that_did_arrive_is_not_sent_again(string state)
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        wire.Close();

        var next = await client.AcceptAsync();
        next.SayResumed(("1", state, 4, "1"));
        if (state == "enqueued")
        {
            await next.IsReadAsync();
            Assert.False(asking.IsCompleted);
            next.Say(ScriptedWire.Reply("1", 4, "lock", "acquired"));
        }

        Assert.Equal(4UL, (await asking).FencingToken);
        Assert.True(next.HeardNothing);
    }

    [Fact]
    public async Task Lock_messages_that_did_not_arrive_are_sent_again_in_their_order()
    {
        await using var client = new ScriptedClient();
        var all = Enumerable.Range(1, 12).Select(i => client.Locks.AcquireAsync(Write($"p{i}"))).ToArray();
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        wire.Close();

        var next = await client.AcceptReadyAsync();
        for (ulong i = 1; i <= 12; i++)
        {
            var heard = await next.HearAsync("lock");
            Assert.Equal($"{i}", heard.GetProperty("ref").GetString());
            next.Say(ScriptedWire.Reply(heard.GetProperty("channel").GetString()!, i, "lock", "acquired"));
        }

        await Task.WhenAll(all);
    }

    [Fact]
    public async Task A_place_that_is_lost_is_taken_anew_at_the_end()
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        wire.Say(ScriptedWire.Reply("1", 4, "lock", "enqueued"));
        wire.Close();

        var next = await client.AcceptReadyAsync();
        await next.GrantAsync(9);

        Assert.Equal(9UL, (await asking).FencingToken);
    }

    [Fact]
    public async Task A_release_in_doubt_is_sent_again_if_the_lock_is_still_there()
    {
        await using var client = new ScriptedClient(options => options.ReleaseTimeout = TimeSpan.FromMinutes(10));
        var (wire, held) = await HoldAsync(client);
        var releasing = held.DisposeAsync().AsTask();
        await wire.HearAsync("release");
        wire.Close();

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        Assert.False(releasing.IsCompleted);
        await next.ReleaseAsync(7);

        await releasing;
        Assert.False(held.IsLost);
    }

    [Theory]
    [InlineData("write", true)]
    [InlineData("read", false)]
    public async Task A_downgrade_in_doubt_is_sent_again_if_it_did_not_happen(string type, bool again)
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        var downgrading = held.DowngradeAsync();
        await wire.HearAsync("downgrade");
        wire.Close();

        var next = await client.AcceptAsync();
        next.Say("""{"action":"resume","state":"ready","channels":1}""");
        next.Say(
            $$"""{"channel":"1","action":"resume","state":"acquired","id":"7","ref":"1","resources":[{"type":"{{type}}","path":["a"]}]}"""
        );
        if (again)
        {
            await next.HearAsync("downgrade");
            next.Say(ScriptedWire.Reply("1", 7, "downgrade", "acquired"));
        }

        await downgrading;
    }

    [Fact]
    public async Task A_downgrade_that_the_cluster_can_not_do_fails_instead_of_ending_one_connection_after_another()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        var downgrading = held.DowngradeAsync();
        await wire.HearAsync("downgrade");
        wire.Close(1013, "not all nodes of this cluster are new enough for this yet");

        Assert.Contains(
            "new enough",
            (await Assert.ThrowsAsync<LockRefusedException>(() => downgrading)).Message,
            StringComparison.Ordinal
        );
        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.IsReadAsync();
        Assert.True(next.HeardNothing);
        Assert.False(held.IsLost);
    }

    [Fact]
    public async Task What_nobody_asked_for_is_given_back()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        wire.Close();

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"), ("old", "acquired", 3, "x"));

        Assert.Equal("old", (await next.HearAsync("release")).GetProperty("channel").GetString());
        Assert.False(held.IsLost);
    }

    [Fact]
    public async Task It_goes_from_node_to_node_with_growing_pauses_until_one_serves()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        client.Refuse(new ConnectException("503"));
        var startedAt = client.Clock.GetTimestamp();
        wire.Close();
        await client.PassUntilAsync("ten attempts", TimeSpan.FromMilliseconds(50), () => client.Asked.Count >= 11);

        // 50, 100, 200 … ms and at most 2 s, of which half is by chance.
        var passed = client.Clock.GetElapsedTime(startedAt);
        Assert.InRange(passed, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(50));
        client.Refuse(null);
        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.IsReadAsync();
        Assert.False(held.IsLost);
    }

    [Fact]
    public async Task A_node_that_is_silent_is_left_for_another_long_before_the_lock_is_lost()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        wire.AnswersPings = false;
        var startedAt = client.Clock.GetTimestamp();

        var next = await client.AcceptAsync();

        Assert.True(wire.IsAborted);
        Assert.InRange(client.Clock.GetElapsedTime(startedAt), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(40));
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.IsReadAsync();
        Assert.False(held.IsLost);
    }

    private static async Task<(ScriptedWire Wire, IHeldLock Held)> HoldAsync(ScriptedClient client)
    {
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(7);
        return (wire, await asking);
    }
}
