// Locks that an administrator ends: the grace, who is told what, and how it ends.
using RaftLocks.Node.Sessions.Scheduling;

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
        Assert.Equal(
            """{"id":"1","action":"revoke","state":"acquired","reason":"maintenance","graceMs":10000}""",
            holder.Heard[^1]
        );
        bench.Advance(9_999);
        Assert.Equal(0, bench.Leadership.Proposals.Count);
        bench.Advance(1);
        await bench.ApplyNextAsync();

        Assert.Equal("""{"id":"1","action":"revoke","state":"ready","reason":"maintenance"}""", holder.Heard[^1]);
        Assert.Equal(["Enqueued 2", "AcquiredLater 2"], waiter.Heard);
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
    public async Task A_release_within_the_grace_is_recorded_with_the_reason_and_answered_as_ever()
    {
        var holder = await bench.ResumeAsync();
        await bench.LockAsync(holder);
        var outcome = Revoke(1, graceMs: 10_000);
        await LeaderBench.SendReleaseAsync(holder);
        Assert.Contains("maintenance (released in time)", await ApplyProposedAsync(), StringComparison.Ordinal);
        await bench.ReleaseAsync(holder);

        Assert.Equal(["Released 1", "Released 1"], holder.Heard[^2..]);
        Assert.Equal(RevokeOutcome.Released, await outcome);
    }

    [Fact]
    public async Task An_abandon_within_the_grace_is_recorded_with_the_reason()
    {
        var holder = bench.Connect(abandonTimeoutMs: 100);
        await bench.LockAsync(holder);
        var outcome = Revoke(1, graceMs: 10_000);
        holder.Session.End();
        bench.Advance(100);
        Assert.Contains(
            "maintenance (abandoned in the meantime)",
            await ApplyProposedAsync(),
            StringComparison.Ordinal
        );

        Assert.Equal(RevokeOutcome.Gone, await outcome);
        Assert.Equal((0, 0), (bench.Live, bench.Sessions.Live));
    }

    [Fact]
    public async Task A_release_sent_ahead_of_a_newer_lock_never_ends_that_by_a_revoke_of_the_older()
    {
        var holder = await bench.ResumeAsync();
        await bench.LockAsync(holder);
        var outcome = Revoke(1, graceMs: 10_000);
        await LeaderBench.SendReleaseAsync(holder);
        await LeaderBench.SendLockAsync(holder);
        await LeaderBench.SendReleaseAsync(holder);
        await LeaderBench.SendLockAsync(holder);
        bench.Apply();

        Assert.Equal(["Released 1", "Acquired 2", "Released 2", "Acquired 3"], holder.Heard[^4..]);
        Assert.Equal(RevokeOutcome.Released, await outcome);
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
        var client = bench.Connect();
        await bench.LockAsync(client, channel: "x");
        var outcome = Revoke(1, graceMs: 0);
        await bench.ApplyNextAsync();
        Assert.Equal(
            """{"channel":"x","id":"1","action":"revoke","state":"ready","reason":"maintenance"}""",
            client.Heard[^1]
        );
        Assert.Equal(RevokeOutcome.Revoked, await outcome);
        Assert.Null(client.Last);

        await bench.LockAsync(client);
        _ = Revoke(2, graceMs: 0);
        await bench.ApplyNextAsync();
        Assert.Equal(3002, client.Last!.Code);
    }

    [Fact]
    public async Task A_waiter_is_removed_at_once_whatever_the_grace_and_is_told_so()
    {
        var (holder, waiter, orphan) = (bench.Connect(), await bench.ResumeAsync(), await bench.ResumeAsync("other"));
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);
        await bench.LockAsync(orphan);
        orphan.Session.End();

        Task<RevokeOutcome>[] outcomes = [Revoke(2, 10_000)!, Revoke(3, 10_000)!];
        while (bench.Live > 1)
        {
            await bench.ApplyNextAsync();
        }

        Assert.Equal([RevokeOutcome.Revoked, RevokeOutcome.Revoked], await Task.WhenAll(outcomes));
        Assert.Equal(
            ["Enqueued 2", """{"id":"2","action":"revoke","state":"ready","reason":"maintenance"}"""],
            waiter.Heard[^2..]
        );
        Assert.Equal((1, 0), (bench.Sessions.Live, waiter.Session.Namespace.Waiting));
    }

    [Fact]
    public async Task A_holder_whose_connection_is_gone_has_its_grace()
    {
        var orphan = bench.Connect();
        await bench.LockAsync(orphan);
        orphan.Session.End();

        var outcome = Revoke(1, 500);
        bench.Advance(499);
        Assert.Equal(0, bench.Leadership.Proposals.Count);
        bench.Advance(1);
        await bench.ApplyNextAsync();

        Assert.Equal(RevokeOutcome.Revoked, await outcome!);
        Assert.Equal(0, bench.Sessions.Live);
    }

    [Fact]
    public async Task A_session_that_comes_back_within_the_grace_is_told_again()
    {
        var holder = await bench.ResumeAsync();
        await bench.LockAsync(holder);
        _ = Revoke(1, 10_000);
        bench.Advance(4_000);

        var back = await bench.ResumeAsync();

        Assert.Equal(
            """{"id":"1","action":"revoke","state":"acquired","reason":"maintenance","graceMs":6000}""",
            back.Heard[^1]
        );
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

    // The entry that is proposed, as far as it is text.
    private async Task<string> ApplyProposedAsync()
    {
        await bench.ApplyNextAsync();
        return System.Text.Encoding.UTF8.GetString(bench.LastEntry.Span);
    }

    private Task<RevokeOutcome> Revoke(ulong id, long graceMs) => bench.Revoke(id, graceMs)!;
}
