// Locks that wait for so long and no longer: the leader's timer proposes, the log decides, the client is told the
// truth.
using RaftLocks.Protocol;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Sessions;

public class WaitLimitTests
{
    private readonly LeaderBench bench = new LeaderBench().Lead();

    [Fact]
    public async Task The_wait_ends_when_its_time_has_come_and_not_a_moment_earlier()
    {
        var (holder, waiter) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter, waitLimitMs: 5_000);

        bench.Advance(4_999);
        Assert.Equal(0, bench.Leadership.Proposals.Count);
        bench.Advance(1);
        await bench.ApplyNextAsync();

        Assert.Equal(["Enqueued 2", "TimedOut 2"], waiter.Heard);
        Assert.Equal((1, 1, 0), (bench.Live, bench.Sessions.Live, waiter.Session.Namespace.Waiting));
    }

    [Fact]
    public async Task Whoever_waited_behind_it_is_let_in()
    {
        var (reader, writer, younger) = (bench.Connect(), bench.Connect(), bench.Connect());
        await bench.LockAsync(reader, access: Access.Read);
        await bench.LockAsync(writer, waitLimitMs: 100);
        await bench.LockAsync(younger, access: Access.Read);

        bench.Advance(100);
        await bench.ApplyNextAsync();

        Assert.Equal(["Enqueued 3", "AcquiredLater 3"], younger.Heard);
    }

    [Fact]
    public async Task A_lock_that_is_granted_in_time_is_kept_and_its_timer_cancelled()
    {
        var (holder, waiter) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter, waitLimitMs: 100);
        await bench.ReleaseAsync(holder);
        bench.Advance(1_000);

        Assert.Equal(0, bench.Apply());
        Assert.Equal(["Enqueued 2", "AcquiredLater 2"], waiter.Heard);
    }

    [Fact]
    public async Task A_grant_before_the_timeout_in_the_log_wins()
    {
        var (holder, waiter) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter, waitLimitMs: 100);
        await LeaderBench.SendReleaseAsync(holder);
        bench.Advance(100);
        await Eventually.HoldsAsync(() => Task.FromResult(bench.Leadership.Proposals.Count == 2));
        Assert.Equal(2, bench.Apply());

        Assert.Equal(["Enqueued 2", "AcquiredLater 2"], waiter.Heard);
        Assert.Equal(1, bench.Live);
    }

    [Fact]
    public async Task A_timeout_before_the_grant_in_the_log_wins()
    {
        var (holder, waiter) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter, waitLimitMs: 100);
        bench.Advance(100);
        await bench.ProposedAsync();
        await LeaderBench.SendReleaseAsync(holder);
        bench.Apply();

        Assert.Equal(["Enqueued 2", "TimedOut 2"], waiter.Heard);
        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public async Task A_release_that_crosses_the_timeout_is_answered_ready_and_a_new_lock_is_allowed()
    {
        var (holder, waiter) = (bench.Connect(), bench.Connect());
        var protocol = waiter.Session.Main.ProtocolState;
        await bench.LockAsync(holder);
        Assert.Null(protocol.Accept(ClientAction.Lock));
        await bench.LockAsync(waiter, waitLimitMs: 100);
        bench.Advance(100);
        await bench.ApplyNextAsync();
        Assert.Null(protocol.Accept(ClientAction.Release));
        await LeaderBench.SendReleaseAsync(waiter);
        Assert.Null(protocol.Accept(ClientAction.Lock));
        await bench.LockAsync(waiter, "b");

        Assert.Equal(["Enqueued 2", "TimedOut 2", "Released 2", "Acquired 3"], waiter.Heard);
        Assert.NotNull(protocol.Accept(ClientAction.Lock));
        Assert.Null(waiter.Last);
    }

    [Fact]
    public async Task It_runs_on_while_the_session_is_away_and_after_it_has_come_back()
    {
        var (holder, waiter) = (bench.Connect(), await bench.ResumeAsync());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter, waitLimitMs: 10_000);
        waiter.Session.End();
        bench.Advance(6_000);
        var back = await bench.ResumeAsync();
        bench.Advance(4_000);
        await bench.ApplyNextAsync();
        Assert.Equal("TimedOut 2", back.Heard[^1]);
        back.Session.End();

        Assert.Equal(["""{"action":"resume","state":"ready","reason":"timeout"}"""], (await bench.ResumeAsync()).Heard);
    }

    [Fact]
    public async Task The_next_leader_starts_the_wait_anew()
    {
        var (holder, waiter) = (await bench.ResumeAsync("holder"), await bench.ResumeAsync());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter, waitLimitMs: 10_000);
        bench.Advance(9_999);
        bench.Lose();
        bench.Lead();
        var back = await bench.ResumeAsync();
        bench.Advance(9_999);
        Assert.Single(back.Heard);
        bench.Advance(1);
        await bench.ApplyNextAsync();

        Assert.Equal("TimedOut 2", back.Heard[^1]);
    }

    [Fact]
    public async Task A_waiter_that_is_gone_is_not_timed_out_too()
    {
        var (holder, waiter) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter, waitLimitMs: 100);
        waiter.Session.End();
        await bench.ApplyNextAsync();
        bench.Advance(100);

        Assert.Equal(0, bench.Apply());
        Assert.Equal((1, 1), (bench.Live, bench.Sessions.Live));
    }
}
