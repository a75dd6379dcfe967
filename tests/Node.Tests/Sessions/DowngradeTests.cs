// Writes that become reads: who is let in, and what is told when the downgrade comes early, late, or for nothing.
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Sessions;

public class DowngradeTests
{
    private readonly LeaderBench bench = new LeaderBench().Lead();

    [Fact]
    public async Task Readers_are_let_in_at_once()
    {
        var (holder, reader, writer) = (bench.Connect(), bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(reader, access: Access.Read);
        await bench.LockAsync(writer);

        Assert.Null(await holder.Session.DowngradeAsync(holder.Session.Main));
        bench.Apply();
        Assert.Equal(["Acquired 1", "Downgraded 1"], holder.Heard);
        Assert.Equal(["Enqueued 2", "AcquiredLater 2"], reader.Heard);
        Assert.Equal(["Enqueued 3"], writer.Heard);

        // Once more: it has what it asks for already.
        Assert.Null(await holder.Session.DowngradeAsync(holder.Session.Main));
        bench.Apply();
        Assert.Equal("Downgraded 1", holder.Heard[^1]);
        await bench.ReleaseAsync(holder);
        await bench.ReleaseAsync(reader);
        Assert.Equal(["Enqueued 3", "AcquiredLater 3"], writer.Heard);
    }

    [Fact]
    public async Task Sent_ahead_of_the_locks_answer_it_waits_for_it()
    {
        var holder = bench.Connect();
        await LeaderBench.SendLockAsync(holder);
        var downgrading = holder.Session.DowngradeAsync(holder.Session.Main).AsTask();
        Assert.False(downgrading.IsCompleted);
        bench.Apply();
        Assert.Null(await downgrading);
        bench.Apply();

        Assert.Equal(["Acquired 1", "Downgraded 1"], holder.Heard);
    }

    [Fact]
    public async Task While_the_lock_waits_it_is_a_mistake()
    {
        var (holder, waiter) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);

        Assert.Equal(3000, (await waiter.Session.DowngradeAsync(waiter.Session.Main))!.Code);
    }

    [Fact]
    public async Task One_that_crosses_the_locks_end_is_answered_ready()
    {
        var holder = bench.Connect();
        await bench.LockAsync(holder);
        var revoked = bench.Revoke(1, graceMs: 0);
        await bench.ProposedAsync();
        Assert.Null(await holder.Session.DowngradeAsync(holder.Session.Main));
        bench.Apply();
        Assert.Equal("DowngradeCrossed 1", holder.Heard[^1]);

        Assert.Null(await holder.Session.DowngradeAsync(holder.Session.Main));
        Assert.Equal("DowngradeCrossed 1", holder.Heard[^1]);
        Assert.Equal(RevokeOutcome.Revoked, await revoked!);
    }

    [Fact]
    public async Task When_leadership_ends_it_waits_no_longer()
    {
        var holder = bench.Connect();
        await LeaderBench.SendLockAsync(holder);
        var downgrading = holder.Session.DowngradeAsync(holder.Session.Main).AsTask();
        bench.Lose();

        Assert.Equal(1012, (await downgrading)!.Code);
    }

    [Fact]
    public async Task A_resumed_session_sees_what_is_left_of_its_lock()
    {
        var holder = await bench.ResumeAsync();
        await bench.LockAsync(holder);
        await holder.Session.DowngradeAsync(holder.Session.Main);
        bench.Apply();

        var back = await bench.ResumeAsync();

        Assert.Contains("[{\"type\":\"read\",\"path\":[\"a\"]}]", Assert.Single(back.Heard), StringComparison.Ordinal);
    }
}
