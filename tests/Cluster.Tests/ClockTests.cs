using System.Diagnostics;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Clocks of the wall that jump, forwards and back, by much and by little, on the leader and on the others: they change
// nothing. Only the monotonic clock measures, and what the leader writes into the log is clamped.

[Collection(Measured.Name)]
public sealed class ClockTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int AbandonTimeoutMs = 3_000;
    private static readonly TimeSpan[] Jumps =
    [
        TimeSpan.FromDays(400),
        TimeSpan.FromHours(-1),
        TimeSpan.FromSeconds(2),
        TimeSpan.FromDays(-400),
        TimeSpan.Zero,
    ];

    [ShimFact]
    public async Task Clocks_that_jump_change_nothing()
    {
        var cluster = Describe(3);
        var clocks = cluster.Nodes.ToDictionary(
            node => node,
            node => new WallClock(cluster.DataOf(node.Name) + ".clock")
        );
        foreach (var (node, clock) in clocks)
        {
            node.Environment["LD_PRELOAD"] = clock.GiveTo(node);
        }

        await cluster.StartAsync();
        var leader = await cluster.LeaderAsync();
        var term = await TermAsync(leader);
        var holder = await ClientAsync(leader, "clock");
        Assert.Equal("acquired", (await holder.LockAsync("held")).State);
        var waiter = await ClientAsync(leader, "clock");
        Assert.Equal("enqueued", (await waiter.LockAsync("held")).State);
        var cycling = await ClientAsync(leader, "clock");
        foreach (var jump in Jumps)
        {
            clocks[leader].Set(jump);
            await CycleAsync(cycling);
            foreach (var clock in clocks.Values)
            {
                clock.Set(-jump);
            }

            await CycleAsync(cycling);
        }

        // A timer that runs while the clock jumps ends neither sooner nor later.
        var vanishing = await ClientAsync(leader, "clock", AbandonTimeoutMs);
        Assert.Equal("acquired", (await vanishing.LockAsync("orphan")).State);
        var next = await ClientAsync(leader, "clock");
        Assert.Equal("enqueued", (await next.LockAsync("orphan")).State);
        var goneAt = Stopwatch.GetTimestamp();
        await vanishing.BreakAsync();
        clocks[leader].Set(TimeSpan.FromHours(1));
        await CycleAsync(cycling);
        clocks[leader].Set(TimeSpan.FromHours(-1));
        var granted = await next.NextAsync();
        Assert.Equal("acquired", granted.State);
        Assert.True(Stopwatch.GetElapsedTime(goneAt, granted.ReceivedAt).TotalMilliseconds >= AbandonTimeoutMs);

        Assert.False(waiter.HasReply);
        Assert.Equal("ready", (await holder.ReleaseAsync()).State);
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
        Assert.Equal(term, await TermAsync(leader));
        await Replicas.AgreeAsync(cluster);
    }

    private static async Task CycleAsync(WireClient client)
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("acquired", (await client.LockAsync("cycle")).State);
            Assert.Equal("ready", (await client.ReleaseAsync()).State);
        }
    }

    private static async Task<long> TermAsync(NodeProcess node) => (await node.Http.ClusterAsync())!.Term;
}
