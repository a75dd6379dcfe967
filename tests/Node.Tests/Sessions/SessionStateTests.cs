// The rules of a session, one step at a time: what happens, and what is to be done because of it. Nothing is carried
// out.
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Steps;

namespace RaftLocks.Node.Tests.Sessions;

public class SessionStateTests
{
    private readonly StateBench bench = new();

    [Fact]
    public void A_lock_that_is_acquired_at_once_is_counted_and_told() =>
        Assert.Equal(["RequestBegun", "tell c1 Acquired 1"], bench.Locked(bench.Plain()));

    [Fact]
    public void A_lock_that_waits_has_its_limit_from_when_it_was_applied()
    {
        bench.Locked(bench.Plain("holder"));

        Assert.Equal(
            ["RequestBegun", "WaitBegun", "at 700 + 5000 ms timeout", "tell c1 Enqueued 2"],
            bench.Locked(bench.Plain(), waitLimitMs: 5_000, now: 700)
        );
    }

    [Fact]
    public void When_it_is_acquired_after_all_it_waits_no_longer_and_is_told_once()
    {
        bench.Locked(bench.Plain("holder"));
        var waiter = bench.Plain();
        bench.Locked(waiter, waitLimitMs: 5_000);
        var request = waiter.Main.Live!;

        Assert.Equal(
            ["WaitEnded", "cancel timeout", "tell c1 AcquiredLater 2"],
            bench.Step(to => waiter.Acquired(request, to))
        );
        Assert.Empty(bench.Step(to => waiter.Acquired(request, to)));
    }

    [Fact]
    public void A_release_ends_the_request_before_it_is_told()
    {
        var holder = bench.Plain();
        bench.Locked(holder);
        Assert.True(holder.CommandSent(new ReleaseProposal(holder.Main)));

        Assert.Equal(
            ["ended 1 None", "tell c1 Released 1"],
            bench.Step(to => holder.CommandApplied(holder.Main, bench.Release(holder), null, 0, to))
        );
    }

    [Fact]
    public void A_release_of_a_lock_whose_outcome_was_never_told_ends_nothing_that_was_counted()
    {
        var holder = bench.Plain();
        Assert.True(holder.CommandSent(StateBench.LockCommandOf(holder)));
        Assert.True(holder.CommandSent(new ReleaseProposal(holder.Main)));
        Assert.Equal(["close c1 1012"], bench.Step(to => holder.CommandOutcomeUnknown(holder.Main, to)));
        bench.Lock(holder);

        Assert.Equal(
            ["tell c1 Released 1"],
            bench.Step(to => holder.CommandApplied(holder.Main, bench.Release(holder), null, 0, to))
        );
    }

    [Fact]
    public void When_a_plain_connection_ends_what_it_holds_has_its_timeout_and_its_place_in_the_queue_is_gone()
    {
        var (holder, waiter) = (bench.Plain(), bench.Plain("c2"));
        bench.Locked(holder);
        bench.Locked(waiter, waitLimitMs: 5_000);

        Assert.Equal(["ForgetSession", "at 40 + 60000 ms abandon"], bench.Step(to => holder.ConnectionLost(40, to)));
        Assert.Equal(
            ["ForgetSession", "WaitEnded", "cancel timeout", "now abandon"],
            bench.Step(to => waiter.ConnectionLost(40, to))
        );
        Assert.Empty(bench.Step(to => waiter.ConnectionLost(50, to)));
    }

    [Fact]
    public void A_connection_that_ends_with_a_command_on_its_way_is_decided_on_when_that_is_applied()
    {
        var holder = bench.Plain();
        Assert.True(holder.CommandSent(StateBench.LockCommandOf(holder)));
        Assert.Empty(bench.Step(to => holder.ConnectionLost(40, to)));
        Assert.False(holder.CommandSent(new ReleaseProposal(holder.Main)));

        Assert.Equal(
            ["RequestBegun", "tell c1 Acquired 1", "ForgetSession", "at 40 + 60000 ms abandon"],
            bench.Step(to => holder.CommandApplied(holder.Main, bench.Lock(holder), null, 90, to))
        );
    }

    [Fact]
    public void With_a_token_a_place_in_the_queue_outlives_the_connection_too()
    {
        var (holder, waiter) = (bench.Plain("holder"), bench.WithToken());
        bench.Locked(holder);
        bench.Locked(waiter);

        Assert.Equal(["at 40 + 60000 ms abandon"], bench.Step(to => waiter.ConnectionLost(40, to)));
        Assert.True(waiter.AbandonDue(waiter.Main.Live!));
    }

    [Fact]
    public void A_new_leader_gives_what_it_finds_at_least_the_time_in_which_the_old_one_must_be_silent()
    {
        var before = bench.WithToken();
        var request = bench.Lock(before, abandonTimeoutMs: 0).Request!;
        var adopting = bench.WithToken("nobody");

        Assert.Equal(
            ["at 9 + 2500 ms abandon"],
            bench.Step(to => adopting.AdoptedFromLog(request, since: 9, leastTimeoutMs: 2_500, to))
        );
    }

    [Fact]
    public void A_connection_that_resumes_waits_for_what_the_old_one_sent_and_then_has_it_all()
    {
        var (old, newer) = (Resumed("c1"), bench.WithToken("c2"));
        Assert.True(old.CommandSent(StateBench.LockCommandOf(old)));

        Assert.Equal(["close c1 3001"], bench.Step(to => newer.Supersede(old, 40, to)));
        Assert.False(old.CommandSent(new ReleaseProposal(old.Main)));
        Assert.Equal(CloseReason.Replaced, old.WhyOver);
        Assert.Equal(TurnKind.Later, Resume(newer, out _));

        Assert.Equal(
            ["RequestBegun", "tell c1 Acquired 1"],
            bench.Step(to => old.CommandApplied(old.Main, bench.Lock(old), null, 50, to))
        );
        Assert.True(bench.WasChange);
        Assert.Equal(TurnKind.Now, Resume(newer, out var effects));
        Assert.StartsWith(
            """tell c2 {"action":"resume","state":"acquired","id":"1",""",
            effects[0],
            StringComparison.Ordinal
        );
        Assert.Equal("RepeatRevocation 1", effects[1]);
        Assert.Null(old.Main.Live);
    }

    [Fact]
    public void What_comes_while_a_resume_waits_is_told_the_old_connection()
    {
        var (waiter, newer) = (Waiting(), bench.WithToken("c2"));
        var request = waiter.Main.Live!;
        Assert.True(waiter.CommandSent(new ReleaseProposal(waiter.Main)));
        bench.Step(to => newer.Supersede(waiter, 40, to));

        Assert.Equal(["WaitEnded", "tell c1 AcquiredLater 2"], bench.Step(to => newer.Acquired(request, to)));
    }

    [Fact]
    public void What_reaches_the_old_connection_after_it_was_resumed_is_told_the_new_one()
    {
        var (waiter, second, third) = (Waiting(), bench.WithToken("c2"), bench.WithToken("c3"));
        var request = waiter.Main.Live!;
        bench.Step(to => second.Supersede(waiter, 40, to));
        bench.Step(to => third.Supersede(second, 40, to));
        Assert.Equal(TurnKind.Never, Resume(second, out _));
        Assert.Equal(TurnKind.Now, Resume(third, out _));

        Assert.Equal(["WaitEnded", "tell c3 AcquiredLater 2"], bench.Step(to => waiter.Acquired(request, to)));
        Assert.Empty(bench.Step(to => second.Acquired(request, to)));
        Assert.Contains(
            "ended 2 Abandoned",
            bench.Step(to => Assert.True(second.Terminated(request, TerminationReason.Abandoned, default, to)))
        );
    }

    [Fact]
    public void An_abandon_that_is_on_its_way_is_waited_for_and_one_that_is_not_is_not_sent()
    {
        var old = Resumed("c1");
        bench.Locked(old);
        bench.Step(to => old.ConnectionLost(40, to));
        Assert.True(old.AbandonDue(old.Main.Live!));
        var newer = bench.WithToken("c2");
        bench.Step(to => newer.Supersede(old, 50, to));

        Assert.Equal(TurnKind.Later, Resume(newer, out _));
        Assert.False(old.AbandonDue(old.Main.Live!));
        bench.Step(to => old.AbandonCompleted(isOutcomeUnknown: false, to));
        Assert.True(bench.WasChange);
        Assert.Equal(TurnKind.Now, Resume(newer, out var effects));
        Assert.Contains("cancel abandon", effects);
    }

    [Fact]
    public void Where_it_is_not_known_what_became_of_a_command_nobody_resumes()
    {
        var (old, newer) = (Resumed("c1"), bench.WithToken("c2"));
        Assert.True(old.CommandSent(StateBench.LockCommandOf(old)));
        bench.Step(to => newer.Supersede(old, 40, to));
        Assert.Equal(["close c1 1012"], bench.Step(to => old.CommandOutcomeUnknown(old.Main, to)));

        Assert.Equal(TurnKind.Never, Resume(newer, out var effects));
        Assert.Equal(["close c2 1012"], effects);
    }

    [Fact]
    public void Who_comes_back_is_told_how_the_node_ended_its_lock()
    {
        var old = Resumed("c1");
        bench.Locked(old);
        bench.Step(to => old.ConnectionLost(40, to));
        var request = old.Main.Live!;

        Assert.Equal(
            ["ended 1 Abandoned", "cancel abandon", "remember Abandoned", "ForgetSession"],
            bench.Step(to => old.Terminated(request, TerminationReason.Abandoned, default, to))
        );
        var newer = bench.WithToken("c2");
        bench.Step(to => newer.Supersede(old, 50, to));
        Resume(newer, out var effects);
        Assert.Equal(["""tell c2 {"action":"resume","state":"ready","reason":"abandoned"}"""], effects);
    }

    [Fact]
    public void A_revocation_is_a_message_to_a_client_that_knows_it_and_the_end_of_a_connection_that_does_not()
    {
        var (plain, extended) = (bench.Plain(), bench.WithToken("c2"));
        bench.Locked(plain);
        bench.Locked(extended);
        var reason = "maintenance"u8.ToArray();

        Assert.Equal(["close c1 3002"], bench.Step(to => plain.Revoking(plain.Main.Live!, reason, 10, to)));
        Assert.StartsWith(
            """tell c2 {"id":"2","action":"revoke",""",
            Assert.Single(bench.Step(to => extended.Revoking(extended.Main.Live!, reason, 10, to))),
            StringComparison.Ordinal
        );
        Assert.Empty(bench.Step(to => Assert.False(plain.Revoking(extended.Main.Live!, reason, 10, to))));
    }

    [Fact]
    public void A_downgrade_has_its_turn_when_the_lock_before_it_is_answered()
    {
        var holder = bench.Plain();
        Assert.True(holder.CommandSent(StateBench.LockCommandOf(holder)));
        Assert.Equal(TurnKind.Later, Downgrade(holder, out _).Kind);
        bench.Step(to => holder.CommandApplied(holder.Main, bench.Lock(holder), null, 0, to));

        var turn = Downgrade(holder, out var effects);
        Assert.Empty(effects);
        Assert.IsType<DowngradeProposal>(turn.Command);
        Assert.Equal(1, holder.Main.InFlight);

        var waiter = bench.Plain("c2");
        bench.Locked(waiter);
        Assert.Equal(3000, Downgrade(waiter, out _).Close!.Code);
    }

    [Fact]
    public void A_waiter_hears_of_its_position_until_it_waits_no_longer()
    {
        bench.Locked(bench.Plain("holder"));
        var waiter = bench.WithToken(hearsProgress: true);
        Assert.Equal(
            ["RequestBegun", "remember None", "WaitBegun", "WatchPosition 2", "tell c1 Enqueued 2"],
            bench.Locked(waiter)
        );
        var request = waiter.Main.Live!;
        var position = new QueuePosition(1, null, BlockerHolds: false);

        Assert.Empty(bench.Step(to => Assert.True(waiter.PositionSeen(waiter.Main, request, null, 0, to))));
        Assert.Single(bench.Step(to => Assert.True(waiter.PositionSeen(waiter.Main, request, position, 0, to))));
        bench.Step(to => waiter.Acquired(request, to));
        Assert.Empty(bench.Step(to => Assert.False(waiter.PositionSeen(waiter.Main, request, position, 0, to))));
    }

    private SessionState Resumed(string name)
    {
        var state = bench.WithToken(name);
        Assert.Equal(TurnKind.Now, Resume(state, out _));
        return state;
    }

    private SessionState Waiting()
    {
        bench.Locked(bench.Plain("holder"));
        var waiter = Resumed("c1");
        bench.Locked(waiter);
        return waiter;
    }

    private TurnKind Resume(SessionState state, out string[] effects)
    {
        var turn = Turn.Never;
        effects = bench.Step(to => turn = state.Resume(TerminationReason.None, to));
        return turn.Kind;
    }

    private Turn Downgrade(SessionState state, out string[] effects)
    {
        var turn = Turn.Never;
        effects = bench.Step(to => turn = state.DowngradeAsked(state.Main, to));
        return turn;
    }
}
