using System.Diagnostics;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// SIGTERM: the node hands over, tells its clients to come back, and ends soon, whatever locks are held.

[Collection(Measured.Name)]
public sealed class ShutdownTests(ITestOutputHelper output) : ClusterTest(output)
{
    private static readonly TimeSpan ExitBound = TimeSpan.FromSeconds(10);
    private static readonly int[] ComeBackCodes = [1001, 1012];

    [Fact]
    public async Task A_leader_that_is_asked_to_end_hands_over_and_no_lock_is_lost()
    {
        var cluster = await StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var holder = await ClientAsync(leader, "handover", 600_000);
        var held = await holder.LockAsync("a");
        Assert.Equal("acquired", held.State);
        var waiter = await ClientAsync(leader, "handover");
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);

        var askedAt = Stopwatch.GetTimestamp();
        leader.Terminate();

        foreach (var client in new[] { holder, waiter })
        {
            Assert.Contains((await client.Ended.WaitAsync(ExitBound)).Code, ComeBackCodes);
        }

        var newcomer = await ClientAsync(cluster, "handover");
        Say($"served again {Stopwatch.GetElapsedTime(askedAt).TotalMilliseconds:F0} ms after SIGTERM");
        Assert.Equal(0, await leader.WaitForExitAsync(ExitBound));
        Say($"ended by {Stopwatch.GetElapsedTime(askedAt).TotalMilliseconds:F0} ms after SIGTERM");
        var waits = await newcomer.LockAsync("a");
        Assert.Equal("enqueued", waits.State);
        Assert.True(waits.Id > held.Id);

        await cluster.StartAsync();
        await Eventually.HoldsAsync(
            "only the holder and the newcomer are left",
            LocalCluster.ElectionBound,
            async () => await (await cluster.LeaderAsync()).Http.ClusterAsync() is { Live: 2 }
        );
        Assert.False(newcomer.HasReply);
    }

    [Fact]
    public async Task A_leader_that_hands_over_to_a_peer_that_dies_ends_well_and_no_lock_is_lost()
    {
        var cluster = await StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var holder = await ClientAsync(leader, "handover-dies", 600_000);
        var held = await holder.LockAsync("a");
        Assert.Equal("acquired", held.State);
        var waiter = await ClientAsync(leader, "handover-dies");
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);

        // With both gone there is nobody to hand over to.
        leader.Terminate();
        await Task.WhenAll(cluster.Nodes.Where(node => node != leader).Select(peer => peer.KillAsync()));

        Assert.Equal(0, await leader.WaitForExitAsync(ExitBound));
        foreach (var client in new[] { holder, waiter })
        {
            Assert.Contains((await client.Ended.WaitAsync(ExitBound)).Code, ComeBackCodes);
            Assert.False(client.HasReply);
        }

        await cluster.StartAsync();
        var newcomer = await ClientAsync(cluster, "handover-dies");
        var waits = await newcomer.LockAsync("a");
        Assert.Equal("enqueued", waits.State);
        Assert.True(waits.Id > held.Id);
    }

    [Fact]
    public async Task A_follower_that_is_asked_to_end_disturbs_nobody()
    {
        var cluster = await StartAsync(3);
        var follower = await cluster.FollowerAsync();
        var holder = await ClientAsync(cluster, "follower-ends");
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);

        follower.Terminate();

        Assert.Equal(0, await follower.WaitForExitAsync(ExitBound));
        Assert.Equal("ready", (await holder.ReleaseAsync()).State);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
    }

    [Fact]
    public async Task A_single_node_ends_with_locks_held_and_has_them_again_afterwards()
    {
        var single = await StartAsync(1);
        var node = single.Nodes[0];
        // A timeout shorter than the pause: the clock of an orphan starts anew with the node.
        var holder = await ClientAsync(node, "single-ends", 2_000);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);

        node.Terminate();
        Assert.Contains((await holder.Ended.WaitAsync(ExitBound)).Code, ComeBackCodes);
        Assert.Equal(0, await node.WaitForExitAsync(ExitBound));
        var restartedAt = Stopwatch.GetTimestamp();
        await single.StartAsync();

        var newcomer = await ClientAsync(single, "single-ends");
        Assert.Equal("enqueued", (await newcomer.LockAsync("a")).State);
        var granted = await newcomer.NextAsync();
        Assert.Equal("acquired", granted.State);
        Assert.True(Stopwatch.GetElapsedTime(restartedAt, granted.ReceivedAt).TotalMilliseconds >= 2_000);
    }
}
