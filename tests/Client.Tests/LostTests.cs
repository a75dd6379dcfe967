// When a lock counts as lost: false time, a scripted server.
using RaftLocks.Client.Tests.Scripted;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class LostTests
{
    private static readonly TimeSpan AbandonTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_lock_whose_pings_are_answered_is_never_lost()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);

        for (var passed = TimeSpan.Zero; passed < 4 * AbandonTimeout; passed += Second)
        {
            var before = wire.Pings;
            client.Clock.Advance(5 * Second);
            await Eventually.HoldsAsync("a ping", TimeSpan.FromSeconds(30), () => Task.FromResult(wire.Pings > before));
            await wire.IsReadAsync();
            Assert.False(held.IsLost);
        }

        Assert.False(held.Lost.IsCancellationRequested);
        Assert.True(wire.Pings >= 4 * 3);
    }

    [Fact]
    public async Task The_deadline_counts_from_when_the_last_answered_ping_was_sent_not_from_its_answer()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client, answersPings: false);

        // The ping of second 0 is answered at second 4: that proves second 0.
        client.Clock.Advance(4 * Second);
        wire.Say("""{"action":"pong","t":"1"}""");
        await wire.IsReadAsync();
        client.Clock.Advance(AbandonTimeout - Margin - (4 * Second) - TimeSpan.FromMilliseconds(1));
        Assert.False(held.IsLost);
        client.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(held.IsLost);
        await CancelledAsync(held.Lost);
    }

    [Fact]
    public async Task Messages_and_pongs_that_answer_nothing_prove_nothing()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client, answersPings: false);
        client.Clock.Advance(3 * Second);
        wire.Say("""{"action":"pong","t":"77"}""");
        wire.Say("""{"action":"pong"}""");
        wire.Say(ScriptedWire.Reply("1", 7, "lock", "acquired"));
        wire.Say("""{"action":"something new"}""");
        await wire.IsReadAsync();

        client.Clock.Advance(AbandonTimeout - Margin - (3 * Second));

        Assert.True(held.IsLost);
    }

    [Fact]
    public async Task Without_a_look_the_token_fires_by_itself_before_the_abandon_timeout()
    {
        await using var client = new ScriptedClient();
        var (_, held) = await HoldAsync(client, answersPings: false);
        var startedAt = client.Clock.GetTimestamp();
        client.Refuse(new Wire.ConnectException("nobody there"));

        await client.PassUntilAsync(
            "Lost fires",
            TimeSpan.FromMilliseconds(100),
            () => held.Lost.IsCancellationRequested
        );

        // The steps of this test may go on for a little while the callback is on its way.
        Assert.True(client.Clock.GetElapsedTime(startedAt) >= AbandonTimeout - Margin);
        Assert.Contains("has not answered", held.LossReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_woken_process_sees_the_loss_at_its_first_look_and_a_late_answer_does_not_undo_it()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client, answersPings: false);
        var asleep = client.Clock.GetTimestamp();

        // No timer fires in between: the clock jumps, as it does over a suspend.
        client.Clock.Advance(AbandonTimeout);
        Assert.True(held.IsLost);
        wire.Say("""{"action":"pong","t":"1"}""");
        wire.Say("""{"action":"pong","t":"2"}""");

        Assert.True(held.IsLost);
        Assert.Equal(AbandonTimeout, client.Clock.GetElapsedTime(asleep));
    }

    [Fact]
    public async Task A_late_acquired_is_not_believed_until_a_ping_sent_after_it_is_answered()
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await EnqueueAsync(client);
        wire.AnswersPings = false;

        // It lay in a buffer while this process was frozen.
        client.Clock.Advance(AbandonTimeout - Margin);
        wire.Say(ScriptedWire.Reply("1", 7, "lock", "acquired"));
        await wire.IsReadAsync();
        Assert.False(asking.IsCompleted);
        await Eventually.HoldsAsync(
            "it is asked whether that is still so",
            TimeSpan.FromSeconds(30),
            () => Task.FromResult(wire.Pings > 1)
        );
        wire.Say($$"""{"action":"pong","t":"{{wire.Pings}}"}""");

        Assert.False((await asking).IsLost);
    }

    [Fact]
    public async Task A_late_acquired_on_a_connection_that_is_gone_is_decided_by_the_next_one()
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await EnqueueAsync(client);
        wire.AnswersPings = false;
        client.Clock.Advance(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(
            "a ping that will not be answered",
            TimeSpan.FromSeconds(30),
            () => Task.FromResult(wire.Pings > 1)
        );

        client.Clock.Advance(AbandonTimeout - Margin);
        wire.Say(ScriptedWire.Reply("1", 7, "lock", "acquired"));
        var next = await client.AcceptAsync();
        Assert.False(asking.IsCompleted);
        next.Say("""{"action":"resume","state":"ready","channels":1}""");
        next.Say(
            """{"channel":"1","action":"resume","state":"acquired","id":"7","ref":"1","resources":[{"type":"write","path":["a"]}]}"""
        );

        Assert.Equal(7UL, (await asking).FencingToken);
    }

    [Fact]
    public async Task A_lock_lost_by_the_clock_is_given_back_to_the_cluster()
    {
        await using var client = new ScriptedClient();
        var (_, held) = await HoldAsync(client, answersPings: false);
        client.Clock.Advance(AbandonTimeout);
        Assert.True(held.IsLost);

        var next = await client.AcceptAsync();
        next.Say("""{"action":"resume","state":"ready","channels":1}""");
        next.Say(
            """{"channel":"1","action":"resume","state":"acquired","id":"7","ref":"1","resources":[{"type":"write","path":["a"]}]}"""
        );

        await next.ReleaseAsync(7);
        Assert.True(held.IsLost);
    }

    [Fact]
    public async Task A_revocation_with_grace_is_told_and_the_lock_is_lost_before_the_grace_can_have_ended()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client, answersPings: false);
        client.Clock.Advance(2 * Second);
        wire.Say(ScriptedWire.Reply("1", 7, "revoke", "acquired", ""","reason":"maintenance","graceMs":5000"""));
        await CancelledAsync(held.RevocationRequested);
        Assert.Equal("maintenance", held.RevocationReason);
        Assert.False(held.IsLost);

        // It may have begun when the cluster last heard from us: at second 0. A tenth is the margin.
        client.Clock.Advance(2.5 * Second);

        Assert.True(held.IsLost);
        Assert.Equal("it was revoked: maintenance", held.LossReason);
        await wire.ReleaseAsync(7);
    }

    [Fact]
    public async Task A_forced_revocation_and_a_replaced_session_lose_the_lock_at_once()
    {
        await using var client = new ScriptedClient();
        var (wire, revoked) = await HoldAsync(client);
        wire.Say(ScriptedWire.Reply("1", 7, "revoke", "ready", ""","reason":"now" """));
        await CancelledAsync(revoked.Lost);
        Assert.True(revoked.IsLost);

        var asking = client.Locks.AcquireAsync(Write("b"));
        await wire.GrantAsync(8);
        var replaced = await asking;
        wire.Close(3001, "another connection uses this session");
        await CancelledAsync(replaced.Lost);

        // It does not come back.
        await Assert.ThrowsAsync<SessionReplacedException>(() => client.Locks.AcquireAsync(Write("c")));
        client.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Single(client.Asked);
    }

    // A node that forwards slowly may bring an attempt that was given up to the leader behind the next one, which it
    // replaces.
    [Fact]
    public async Task A_session_that_its_own_attempt_replaced_comes_back_with_its_locks_once_for_each_attempt()
    {
        await using var client = new ScriptedClient();
        client.Refuse(new Wire.ConnectException("http://a:1 does not answer", isFinal: false));
        var asking = client.Locks.AcquireAsync(Write("a"));
        await client.PassUntilAsync("it has tried", TimeSpan.FromMilliseconds(10), () => client.Asked.Count == 1);
        client.Refuse(null);
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(7);
        var held = await asking;

        wire.Close(3001, "another connection uses this session");
        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        var other = client.Locks.AcquireAsync(Write("b"));
        await next.GrantAsync(8);
        await other;
        Assert.False(held.IsLost);

        next.Close(3001, "another connection uses this session");
        await CancelledAsync(held.Lost);
        await Assert.ThrowsAsync<SessionReplacedException>(() => client.Locks.AcquireAsync(Write("c")));
    }

    [Fact]
    public async Task A_released_lock_is_not_lost()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client, answersPings: false);
        await held.DisposeAsync();
        await wire.ReleaseAsync(7);

        client.Clock.Advance(2 * AbandonTimeout);

        Assert.False(held.IsLost);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, true)]
    public void Timeouts_below_a_second_are_refused(int ms, bool isAllowed)
    {
        var options = new RaftLocksOptions
        {
            Nodes = [new Uri("http://a:1")],
            AbandonTimeout = TimeSpan.FromMilliseconds(ms),
        };

        Assert.Equal(isAllowed, options.Validate().Count == 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(60)]
    [InlineData(604_800)]
    public void Pings_are_sent_at_least_every_third_of_the_abandon_timeout(int seconds) =>
        Assert.True(
            new Sessions.SessionTimings(TimeSpan.FromSeconds(seconds)).PingInterval < TimeSpan.FromSeconds(seconds) / 3
        );

    private static async Task<(ScriptedWire Wire, IHeldLock Held)> HoldAsync(
        ScriptedClient client,
        bool answersPings = true
    )
    {
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync(answersPings);
        await wire.GrantAsync(7);
        var held = await asking;
        await Eventually.HoldsAsync("the first ping", TimeSpan.FromSeconds(30), () => Task.FromResult(wire.Pings > 0));
        return (wire, held);
    }

    // The lock waits in line, and the first ping is answered.
    private static async Task<ScriptedWire> EnqueueAsync(ScriptedClient client)
    {
        var wire = await client.AcceptReadyAsync();
        await wire.HearAsync("lock");
        wire.Say(ScriptedWire.Reply("1", 7, "lock", "enqueued"));
        await Eventually.HoldsAsync("the first ping", TimeSpan.FromSeconds(30), () => Task.FromResult(wire.Pings == 1));
        await wire.IsReadAsync();
        return wire;
    }

    private static Task CancelledAsync(CancellationToken token) =>
        Eventually.HoldsAsync(
            "the token is cancelled",
            TimeSpan.FromSeconds(30),
            () => Task.FromResult(token.IsCancellationRequested)
        );
}
