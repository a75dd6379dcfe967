using System.Diagnostics;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// The leader is killed with -9 while locks are held and clients wait: nothing that was acquired is given
// to somebody else before its abandon timeout has passed in full under the new leader.

public sealed class LeaderCrashTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int ShortAbandonTimeoutMs = 3_000;

    // The vanished waiter's request has the default abandon timeout of 60 s; far less shows that it does not count.
    private static readonly TimeSpan MuchLessThanTheDefaultTimeout = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Locks_survive_a_crash_of_the_leader_until_their_abandon_timeout_and_then_free_the_waiters()
    {
        var cluster = await StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var holder = await ClientAsync(leader, "crash", ShortAbandonTimeoutMs);
        var held = await holder.LockAsync("a");
        Assert.Equal("acquired", held.State);
        var patient = await ClientAsync(leader, "crash", 600_000);
        Assert.Equal("acquired", (await patient.LockAsync("b")).State);
        var waiter = await ClientAsync(leader, "crash");
        var waits = await waiter.LockAsync("a");
        Assert.Equal("enqueued", waits.State);

        var killedAt = Stopwatch.GetTimestamp();
        await leader.KillAsync();
        foreach (var client in new[] { holder, patient, waiter })
        {
            await client.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        }

        var first = await ClientAsync(cluster, "crash");
        var second = await ClientAsync(cluster, "crash");
        var blocked = await ClientAsync(cluster, "crash");
        var servedAt = Stopwatch.GetTimestamp();
        var firstWaits = await first.LockAsync("a");
        var secondWaits = await second.LockAsync("a/x");
        Assert.Equal(("enqueued", "enqueued"), (firstWaits.State, secondWaits.State));
        Assert.True(
            firstWaits.Id > waits.Id && secondWaits.Id > firstWaits.Id,
            $"{waits}, {firstWaits}, {secondWaits}"
        );
        Assert.Equal("enqueued", (await blocked.LockAsync("b")).State);

        var granted = await first.NextAsync(MuchLessThanTheDefaultTimeout);
        Assert.Equal((firstWaits.Id, "acquired"), (granted.Id, granted.State));
        var afterTheKill = Stopwatch.GetElapsedTime(killedAt, granted.ReceivedAt);
        Assert.True(afterTheKill.TotalMilliseconds >= ShortAbandonTimeoutMs, $"granted {afterTheKill} after the kill");
        Say(
            $"granted {afterTheKill.TotalMilliseconds:F0} ms after the kill, "
                + $"{Stopwatch.GetElapsedTime(servedAt, granted.ReceivedAt).TotalMilliseconds:F0} ms after the "
                + $"new leader served"
        );

        Assert.False(second.HasReply);
        Assert.Equal("ready", (await first.ReleaseAsync()).State);
        Assert.Equal(
            (secondWaits.Id, "acquired"),
            (await second.NextAsync()) is var next ? (next.Id, next.State) : default
        );
        Assert.False(blocked.HasReply);
    }

    [Fact]
    public async Task Ids_only_grow_and_no_lock_is_lost_over_several_crashes()
    {
        var cluster = await StartAsync(3);
        ulong lastId = 0;
        for (var round = 0; round < 3; round++)
        {
            var leader = await cluster.LeaderAsync();
            var holder = await ClientAsync(leader, "again", 600_000);
            var held = await holder.LockAsync($"round-{round}");
            Assert.Equal("acquired", held.State);
            Assert.True(held.Id > lastId);
            lastId = held.Id;

            await leader.KillAsync();
            await cluster.LeaderAsync();
            for (var earlier = 0; earlier <= round; earlier++)
            {
                var conflicting = await ClientAsync(cluster, "again");
                var waits = await conflicting.LockAsync($"round-{earlier}");
                Assert.Equal("enqueued", waits.State);
                Assert.True(waits.Id > lastId);
                lastId = waits.Id;
                Assert.Equal("ready", (await conflicting.ReleaseAsync()).State);
            }

            await cluster.StartAsync();
        }

        // Digests are published at some indexes only.
        var cycling = await ClientAsync(cluster, "again");
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("acquired", (await cycling.LockAsync("cycle")).State);
            Assert.Equal("ready", (await cycling.ReleaseAsync()).State);
        }

        await Replicas.AgreeAsync(cluster);
    }
}
