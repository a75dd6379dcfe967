// What becomes of a lock when its connection ends, to the millisecond, on a clock that the test moves.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Sessions;

public class AbandonTests
{
    private readonly LeaderBench bench = new LeaderBench().Lead();

    [Theory]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(60_000)]
    [InlineData(604_800_000)]
    public async Task A_held_lock_is_abandoned_after_its_timeout_and_not_a_moment_earlier(long timeoutMs)
    {
        var holder = bench.Connect(timeoutMs);
        var sentinel = bench.Connect(0);
        await bench.LockAsync(holder);
        await bench.LockAsync(sentinel, "b");

        holder.Session.End();
        bench.Advance(timeoutMs - 1);

        // Had the holder's abandon been proposed too, it would come before this one.
        sentinel.Session.End();
        await bench.ApplyNextAsync();
        Assert.Equal(1, bench.Live);
        bench.Advance(1);
        await bench.ApplyNextAsync();
        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public async Task Many_timers_end_in_their_own_order()
    {
        var holders = Enumerable.Range(1, 50).Select(i => bench.Connect(i * 10)).Reverse().ToArray();
        for (var i = 0; i < holders.Length; i++)
        {
            await bench.LockAsync(holders[i], $"{i}");
        }

        foreach (var holder in holders)
        {
            holder.Session.End();
        }

        for (var left = holders.Length; left > 0; left--)
        {
            Assert.Equal(left, bench.Live);
            bench.Advance(10);
            await bench.ApplyNextAsync();
        }

        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public async Task Zero_means_at_once()
    {
        var holder = bench.Connect(abandonTimeoutMs: 0);
        await bench.LockAsync(holder);

        holder.Session.End();

        await bench.ApplyNextAsync();
        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public async Task A_waiter_whose_connection_ends_leaves_the_queue_at_once()
    {
        var (reader, writer, younger) = (bench.Connect(), bench.Connect(), bench.Connect());
        await bench.LockAsync(reader, access: Access.Read);
        await bench.LockAsync(writer);
        await bench.LockAsync(younger, access: Access.Read);
        Assert.Equal(["Enqueued 3"], younger.Heard);

        writer.Session.End();
        await bench.ApplyNextAsync();

        Assert.Equal(["Enqueued 3", "AcquiredLater 3"], younger.Heard);
        Assert.Equal(2, bench.Live);
    }

    [Fact]
    public async Task A_lock_on_its_way_is_decided_when_it_is_applied()
    {
        var holder = bench.Connect(abandonTimeoutMs: 100);
        var waiter = bench.Connect(abandonTimeoutMs: 100);
        await LeaderBench.SendLockAsync(holder);
        await LeaderBench.SendLockAsync(waiter);

        holder.Session.End();
        waiter.Session.End();
        bench.Advance(30);
        bench.Apply();

        // The waiter is abandoned at once, the holder when its time is over, counted from the end of the connection.
        await bench.ApplyNextAsync();
        Assert.Equal(1, bench.Live);
        bench.Advance(70);
        await bench.ApplyNextAsync();
        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public async Task A_release_on_its_way_leaves_nothing_to_abandon()
    {
        var holder = bench.Connect(abandonTimeoutMs: 0);
        var sentinel = bench.Connect(abandonTimeoutMs: 0);
        await bench.LockAsync(holder);
        await bench.LockAsync(sentinel, "b");
        await LeaderBench.SendReleaseAsync(holder);

        holder.Session.End();
        bench.Apply();
        Assert.Equal(1, bench.Live);

        sentinel.Session.End();
        await bench.ApplyNextAsync();
        Assert.Equal(0, bench.Live);
        Assert.Equal(0, bench.Apply());
    }

    [Fact]
    public async Task A_late_abandon_never_hits_the_next_lock()
    {
        var (first, second) = (bench.Connect(abandonTimeoutMs: 0), bench.Connect());
        await bench.LockAsync(first);
        await LeaderBench.SendReleaseAsync(first);
        await LeaderBench.SendLockAsync(second);
        first.Session.End();
        bench.Apply();

        Assert.Equal(["Acquired 2"], second.Heard);
        Assert.Equal(1, bench.Live);
    }

    [Fact]
    public async Task A_waiter_that_is_granted_while_its_abandon_is_on_its_way_is_abandoned_all_the_same()
    {
        var (holder, waiter, next) = (bench.Connect(), bench.Connect(600_000), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);
        await bench.LockAsync(next);
        await LeaderBench.SendReleaseAsync(holder);

        waiter.Session.End();
        while (bench.Live > 1)
        {
            await bench.ApplyNextAsync();
        }

        Assert.Equal(["Enqueued 3", "AcquiredLater 3"], next.Heard);
    }

    [Fact]
    public async Task The_next_leader_gives_what_is_held_its_full_time_and_ends_what_waits()
    {
        var (patient, hasty, waiter) = (bench.Connect(10_000), bench.Connect(0), bench.Connect());
        await bench.LockAsync(patient, "a");
        await bench.LockAsync(hasty, "b");
        await bench.LockAsync(waiter, "a");
        bench.Advance(9_000);
        bench.Lose();
        Assert.All([patient, hasty, waiter], client => Assert.Equal(1012, client.Last!.Code));

        bench.Lead();

        await bench.ApplyNextAsync();
        Assert.Equal(2, bench.Live);

        // Not before a leader that was deposed without knowing it must have closed its sessions.
        bench.Advance(LeaderBench.DeposedLeaderClosesWithinMs - 0.5);
        Assert.Equal(2, bench.Live);
        bench.Advance(0.5);
        await bench.ApplyNextAsync();
        Assert.Equal(1, bench.Live);
        bench.Advance(10_000 - LeaderBench.DeposedLeaderClosesWithinMs);
        await bench.ApplyNextAsync();
        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public async Task What_an_old_leadership_left_behind_proposes_nothing_in_the_next()
    {
        var holder = bench.Connect(abandonTimeoutMs: 5_000);
        await bench.LockAsync(holder);
        holder.Session.End();
        bench.Advance(4_000);
        var old = bench.Leadership;
        bench.Lose();

        bench.Lead();
        bench.Advance(4_999);

        Assert.Equal(0, old.Proposals.Count);
        Assert.Equal(1, bench.Live);
        bench.Advance(1);
        await bench.ApplyNextAsync();
        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public async Task A_shutdown_proposes_no_abandon()
    {
        var (held, orphan, waiting) = (bench.Connect(0), bench.Connect(100), bench.Connect(0));
        await bench.LockAsync(held, "a");
        await bench.LockAsync(orphan, "b");
        await bench.LockAsync(waiting, "a");
        orphan.Session.End();
        var sessions = bench.Sessions;

        var shuttingDown = bench.Registry.ShutDownAsync();
        held.Session.End();
        waiting.Session.End();
        bench.Advance(600_000);
        await shuttingDown;
        await sessions.AbandonsProposed;

        Assert.Equal(1001, held.Last!.Code);
        Assert.Equal(1001, waiting.Last!.Code);
        Assert.Equal(0, bench.Apply());
        Assert.Equal(3, bench.Live);
        Assert.Null(bench.Registry.Current);
    }
}
