// Sessions with a token: what the next connection finds, on the same leader and on the next one, on a clock that the
// test moves.
namespace RaftLocks.Node.Tests.Sessions;

public class ResumeTests
{
    private const string Ready = """{"action":"resume","state":"ready"}""";
    private const string HoldsA =
        """{"action":"resume","state":"acquired","id":"1","resources":[{"type":"write","path":["a"]}],"abandonTimeoutMs":60000}""";

    private readonly LeaderBench bench = new LeaderBench().Lead();

    [Fact]
    public async Task A_session_that_never_was_is_ready()
    {
        var client = await bench.ResumeAsync();

        Assert.Equal([Ready], client.Heard);
    }

    [Fact]
    public async Task A_lock_is_found_again_with_its_mark_and_can_be_released()
    {
        var first = await bench.ResumeAsync();
        await bench.LockAsync(first, mark: "r1");
        first.Session.End();
        bench.Advance(59_999);

        var second = await bench.ResumeAsync(abandonTimeoutMs: 1);
        Assert.Equal(
            [
                """{"action":"resume","state":"acquired","id":"1","ref":"r1","resources":[{"type":"write","path":["a"]}],"abandonTimeoutMs":60000}""",
            ],
            second.Heard
        );
        bench.Advance(600_000);
        Assert.Equal(1, bench.Live);
        await bench.ReleaseAsync(second);
        Assert.Equal("Released 1", second.Heard[^1]);
        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public async Task A_place_in_the_queue_is_kept_for_the_abandon_timeout_and_then_given_up()
    {
        var (holder, waiter, younger) = (bench.Connect(), await bench.ResumeAsync(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);
        await bench.LockAsync(younger);
        waiter.Session.End();
        bench.Advance(59_999);

        var back = await bench.ResumeAsync();
        Assert.Contains("\"state\":\"enqueued\",\"id\":\"2\"", back.Heard[0], StringComparison.Ordinal);
        await bench.ReleaseAsync(holder);
        Assert.Equal("AcquiredLater 2", back.Heard[^1]);

        back.Session.End();
        bench.Advance(60_000);
        await bench.ApplyNextAsync();
        Assert.Equal("AcquiredLater 3", younger.Heard[^1]);
    }

    [Fact]
    public async Task A_waiter_that_is_granted_while_nobody_listens_is_found_acquired()
    {
        var (holder, waiter) = (bench.Connect(), await bench.ResumeAsync());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);
        waiter.Session.End();
        await bench.ReleaseAsync(holder);

        var back = await bench.ResumeAsync();

        Assert.Contains("\"state\":\"acquired\",\"id\":\"2\"", Assert.Single(back.Heard), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5_000)]
    public async Task What_is_not_claimed_in_time_is_abandoned_and_the_client_is_told_why(long abandonTimeoutMs)
    {
        var first = await bench.ResumeAsync(abandonTimeoutMs: abandonTimeoutMs);
        await bench.LockAsync(first);
        first.Session.End();
        bench.Advance(abandonTimeoutMs);
        await bench.ApplyNextAsync();
        Assert.Equal((0, 0), (bench.Live, bench.Sessions.Live));

        var second = await bench.ResumeAsync();
        Assert.Equal(["""{"action":"resume","state":"ready","reason":"abandoned"}"""], second.Heard);

        await bench.LockAsync(second);
        await bench.ReleaseAsync(second);
        second.Session.End();
        Assert.Equal([Ready], (await bench.ResumeAsync()).Heard);
    }

    [Fact]
    public async Task The_second_connection_replaces_the_first_which_is_told_not_to_come_back()
    {
        var first = await bench.ResumeAsync();
        await bench.LockAsync(first);

        var second = await bench.ResumeAsync();

        Assert.Equal(3001, first.Last!.Code);
        Assert.Contains("do not connect again", first.Last.Reason, StringComparison.Ordinal);
        Assert.Equal([HoldsA], second.Heard);
        Assert.Equal(
            Node.Sessions.CloseReason.Replaced,
            await first.Session.ProposeAsync(new Node.Sessions.ReleaseProposal(first.Session.Main))
        );

        // The end of the first is no end of the session.
        first.Session.End();
        bench.Advance(600_000);
        Assert.Equal((1, 1), (bench.Live, bench.Sessions.Count));
    }

    [Fact]
    public async Task What_the_old_connection_sent_is_settled_before_the_new_one_is_told()
    {
        var first = await bench.ResumeAsync();
        await LeaderBench.SendLockAsync(first);
        await LeaderBench.SendReleaseAsync(first);
        await LeaderBench.SendLockAsync(first, "b");

        var second = bench.Arrive();
        Assert.False(second.Resumed.IsCompleted);
        Assert.Empty(second.Heard);
        bench.Apply();

        Assert.True(await second.Resumed);
        Assert.Contains(
            "\"id\":\"2\",\"resources\":[{\"type\":\"write\",\"path\":[\"b\"]}]",
            Assert.Single(second.Heard),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task An_abandon_that_is_on_its_way_is_waited_for_and_its_outcome_told()
    {
        var first = await bench.ResumeAsync(abandonTimeoutMs: 100);
        await bench.LockAsync(first);
        first.Session.End();
        bench.Advance(100);
        await bench.ProposedAsync();

        var second = bench.Arrive();
        Assert.False(second.Resumed.IsCompleted);
        bench.Apply();

        Assert.True(await second.Resumed);
        Assert.Equal(["""{"action":"resume","state":"ready","reason":"abandoned"}"""], second.Heard);
        Assert.Equal((0, 0), (bench.Live, bench.Sessions.Live));
    }

    [Fact]
    public async Task A_session_that_is_resumed_in_the_last_moment_cancels_its_timer()
    {
        var first = await bench.ResumeAsync(abandonTimeoutMs: 100);
        await bench.LockAsync(first);
        first.Session.End();
        bench.Advance(99);

        var second = await bench.ResumeAsync();
        bench.Advance(1_000);
        second.Session.End();
        bench.Advance(99);

        // Nothing was proposed: a sentinel that is abandoned now comes first.
        var sentinel = bench.Connect(0);
        await bench.LockAsync(sentinel, "b");
        sentinel.Session.End();
        await bench.ApplyNextAsync();
        Assert.Equal(1, bench.Live);
        bench.Advance(1);
        await bench.ApplyNextAsync();
        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public async Task Of_two_that_come_at_once_the_last_one_stays()
    {
        var first = await bench.ResumeAsync();
        await LeaderBench.SendLockAsync(first);

        var (second, third) = (bench.Arrive(), bench.Arrive());
        bench.Apply();

        Assert.False(await second.Resumed);
        Assert.True(await third.Resumed);
        Assert.Equal((3001, 3001, null), (first.Last!.Code, second.Last!.Code, third.Last?.Code));
        Assert.Empty(second.Heard);
        Assert.Equal([HoldsA], third.Heard);

        second.Session.End();
        third.Session.End();
        bench.Advance(60_000);
        await bench.ApplyNextAsync();
        Assert.Equal((0, 0), (bench.Live, bench.Sessions.Count));
    }

    [Fact]
    public async Task A_connection_that_dies_before_it_was_told_leaves_the_lock_its_full_time()
    {
        var first = await bench.ResumeAsync();
        await LeaderBench.SendLockAsync(first);
        var second = bench.Arrive();
        second.Session.End();
        bench.Advance(10_000);
        bench.Apply();
        await second.Resumed;

        bench.Advance(49_999);
        Assert.Equal(1, bench.Live);
        bench.Advance(1);
        await bench.ApplyNextAsync();
        Assert.Equal((0, 0), (bench.Live, bench.Sessions.Count));
    }

    [Fact]
    public async Task A_resume_that_waits_when_leadership_ends_is_closed_and_told_nothing()
    {
        var first = await bench.ResumeAsync();
        await LeaderBench.SendLockAsync(first);
        var second = bench.Arrive();

        bench.Lose();

        Assert.False(await second.Resumed);
        Assert.Equal(1012, second.Last!.Code);
        Assert.Empty(second.Heard);
    }

    [Fact]
    public async Task A_grant_while_a_resume_waits_is_part_of_what_is_told()
    {
        var (holder, first) = (bench.Connect(), await bench.ResumeAsync());
        await bench.LockAsync(holder);
        await LeaderBench.SendLockAsync(first);
        await LeaderBench.SendReleaseAsync(holder);
        await LeaderBench.SendLockAsync(first, "b", channel: "x");

        var second = bench.Arrive();
        bench.Apply();

        Assert.True(await second.Resumed);
        Assert.Equal(2, second.Heard.Count);
        Assert.Contains("\"state\":\"acquired\",\"id\":\"2\"", second.Heard[0], StringComparison.Ordinal);
        Assert.Contains("\"channels\":1", second.Heard[0], StringComparison.Ordinal);
        Assert.StartsWith(
            "{\"channel\":\"x\",\"action\":\"resume\",\"state\":\"acquired\"",
            second.Heard[1],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_next_leader_knows_what_was_held_and_awaited_and_on_which_channels()
    {
        var (holder, session) = (await bench.ResumeAsync("holder"), await bench.ResumeAsync());
        await bench.LockAsync(holder);
        await bench.LockAsync(session, "b");
        await bench.LockAsync(session, channel: "x");
        bench.Advance(59_000);
        bench.Lose();
        bench.Lead();
        Assert.Equal(3, bench.Sessions.Live);
        bench.Advance(59_999);

        var back = await bench.ResumeAsync();
        Assert.Equal(2, back.Heard.Count);
        Assert.Contains("\"state\":\"acquired\",\"id\":\"2\"", back.Heard[0], StringComparison.Ordinal);
        Assert.Contains(
            "\"channel\":\"x\",\"action\":\"resume\",\"state\":\"enqueued\",\"id\":\"3\"",
            back.Heard[1],
            StringComparison.Ordinal
        );

        // The holder does not come back: the lock passes on after its time.
        bench.Advance(1);
        await bench.ApplyNextAsync();
        Assert.Equal("AcquiredLater 3 \"channel\":\"x\",", back.Heard[^1]);
        Assert.Equal((2, 2), (bench.Live, bench.Sessions.Live));
    }

    [Fact]
    public async Task What_was_inherited_and_is_not_claimed_is_abandoned_not_before_the_deposed_leader_must_be_silent()
    {
        var session = await bench.ResumeAsync(abandonTimeoutMs: 0);
        await bench.LockAsync(session);
        bench.Lose();
        bench.Lead();

        bench.Advance(LeaderBench.DeposedLeaderClosesWithinMs - 0.5);
        Assert.Equal(1, bench.Live);
        bench.Advance(0.5);
        await bench.ApplyNextAsync();

        Assert.Equal((0, 0, 0), (bench.Live, bench.Sessions.Live, bench.Sessions.Count));
    }

    [Fact]
    public async Task A_token_belongs_to_its_namespace()
    {
        var (first, second) = (await bench.ResumeAsync(ns: "a"), await bench.ResumeAsync(ns: "b"));
        await bench.LockAsync(first);

        Assert.Null(first.Last);
        Assert.NotEqual(first.Session.Id, second.Session.Id);
        Assert.Equal([Ready], (await bench.ResumeAsync(ns: "b")).Heard);
    }

    [Fact]
    public async Task Sessions_that_come_and_go_leave_no_timers_behind()
    {
        var last = await bench.ResumeAsync(abandonTimeoutMs: 604_800_000);
        await bench.LockAsync(last);
        for (var i = 0; i < 1_000; i++)
        {
            last.Session.End();
            last = await bench.ResumeAsync(abandonTimeoutMs: 604_800_000);
        }

        Assert.InRange(bench.Sessions.Deadlines.Count, 0, 130);
        Assert.Equal((1, 1, 1), (bench.Live, bench.Sessions.Live, bench.Sessions.Count));
    }

    [Fact]
    public async Task Figures_follow_a_waiter_from_connection_to_connection()
    {
        var (holder, waiter) = (bench.Connect(), await bench.ResumeAsync());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);
        waiter.Session.End();
        var back = await bench.ResumeAsync();
        Assert.Equal((2, 1), (bench.Sessions.Live, back.Session.Namespace.Waiting));

        await bench.ReleaseAsync(holder);
        Assert.Equal((1, 0), (bench.Sessions.Live, back.Session.Namespace.Waiting));
        await bench.ReleaseAsync(back);
        back.Session.End();
        Assert.Equal((0, 0), (bench.Sessions.Live, back.Session.Namespace.Waiting));
    }
}
