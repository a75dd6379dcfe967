// Locks that an administrator ends: the grace, who is told what, and how it ends.
using RaftLocks.Node.Sessions;

namespace RaftLocks.Node.Tests.Sessions;

public class RevokeTests
{
    private readonly LeaderBench bench = new LeaderBench().Lead();

    [Fact]
    public async Task An_extended_client_is_told_has_its_grace_and_is_told_again()
    {
        var (holder, waiter) = (await bench.ResumeAsync(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);

        var outcome = Revoke(1, graceMs: 10_000);
        Assert.Equal("""{"id":"1","action":"revoke","state":"acquired","reason":"maintenance","graceMs":10000}""", holder.Heard[^1]);
        bench.Advance(9_999);
        Assert.False(bench.Leadership.Proposals.TryPeek(out _));
        bench.Advance(1);
        await bench.ApplyNextAsync();

        Assert.Equal("""{"id":"1","action":"revoke","state":"ready","reason":"maintenance"}""", holder.Heard[^1]);
        Assert.Equal(["Enqueued 2", "Granted 2"], waiter.Heard);
        Assert.Equal(RevokeOutcome.Revoked, await outcome);
        Assert.Null(holder.Last);
        holder.Session.End();
        Assert.Equal(["""{"action":"resume","state":"ready","reason":"revoked"}"""], (await bench.ResumeAsync()).Heard);
    }

    [Fact]
    public async Task A_client_that_gives_the_lock_up_in_time_ends_it()
    {
        var holder = await bench.ResumeAsync();
        await bench.LockAsync(holder);
        var outcome = Revoke(1, graceMs: 10_000);
        await bench.ReleaseAsync(holder);
        await bench.LockAsync(holder);
        bench.Advance(10_000);

        Assert.Equal(RevokeOutcome.Released, await outcome);
        Assert.Equal(0, bench.Apply());
        Assert.Equal(1, bench.Live);
    }

    [Fact]
    public async Task A_plain_client_is_closed_and_its_lock_is_held_until_the_grace_ends()
    {
        var holder = bench.Connect();
        await bench.LockAsync(holder);
        var outcome = Revoke(1, graceMs: 10_000);
        Assert.Equal((3002, "the lock is revoked: maintenance"), (holder.Last!.Code, holder.Last.Reason));
        Assert.Equal(["Acquired 1"], holder.Heard);

        holder.Session.End();
        bench.Advance(10_000);
        await bench.ApplyNextAsync();
        Assert.Equal(RevokeOutcome.Revoked, await outcome);
        Assert.Equal((0, 0), (bench.Live, bench.Sessions.Live));
    }

    [Fact]
    public async Task Without_grace_a_plain_client_is_closed_when_it_is_over_and_a_channel_is_told()
    {
        var peer = bench.Connect();
        await bench.LockAsync(peer, channel: "x");
        var outcome = Revoke(1, graceMs: 0);
        await bench.ApplyNextAsync();
        Assert.Equal("""{"channel":"x","id":"1","action":"revoke","state":"ready","reason":"maintenance"}""", peer.Heard[^1]);
        Assert.Equal(RevokeOutcome.Revoked, await outcome);
        Assert.Null(peer.Last);

        await bench.LockAsync(peer);
        _ = Revoke(2, graceMs: 0);
        await bench.ApplyNextAsync();
        Assert.Equal(3002, peer.Last!.Code);
    }

    [Fact]
    public async Task Waiters_and_orphans_can_be_revoked_too()
    {
        var (holder, waiter, orphan) = (bench.Connect(), await bench.ResumeAsync(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);
        await bench.LockAsync(orphan, "b");
        orphan.Session.End();

        Task[] outcomes = [Revoke(2, 500), Revoke(3, 500)];
        Assert.Contains("\"state\":\"enqueued\"", waiter.Heard[^1], StringComparison.Ordinal);
        bench.Advance(500);
        while (bench.Live > 1)
        {
            await bench.ApplyNextAsync();
        }

        await Task.WhenAll(outcomes);
        Assert.Contains("\"state\":\"ready\"", waiter.Heard[^1], StringComparison.Ordinal);
        Assert.Equal((1, 0), (bench.Sessions.Live, waiter.Session.Namespace.Waiting));
    }

    [Fact]
    public async Task A_session_that_comes_back_within_the_grace_is_told_again()
    {
        var holder = await bench.ResumeAsync();
        await bench.LockAsync(holder);
        _ = Revoke(1, 10_000);
        bench.Advance(4_000);

        var back = await bench.ResumeAsync();

        Assert.Equal("""{"id":"1","action":"revoke","state":"acquired","reason":"maintenance","graceMs":6000}""", back.Heard[^1]);
    }

    [Fact]
    public async Task A_second_revoke_may_shorten_the_grace()
    {
        var holder = await bench.ResumeAsync();
        await bench.LockAsync(holder);
        var (first, longer, shorter) = (Revoke(1, 10_000), Revoke(1, 20_000), Revoke(1, 1_000));
        bench.Advance(1_000);
        await bench.ApplyNextAsync();

        Assert.All(await Task.WhenAll(first, longer, shorter), outcome => Assert.Equal(RevokeOutcome.Revoked, outcome));
        bench.Advance(20_000);
        Assert.Equal(0, bench.Apply());
    }

    [Fact]
    public async Task When_leadership_ends_nobody_is_left_waiting()
    {
        var holder = await bench.ResumeAsync();
        await bench.LockAsync(holder);
        var outcome = Revoke(1, 10_000);
        bench.Lose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => outcome);
    }

    private Task<RevokeOutcome> Revoke(ulong id, long graceMs) => bench.Sessions.Revocations.Begin(bench.Find(id), "maintenance"u8.ToArray(), graceMs)!;
}
