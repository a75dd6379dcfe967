using System.Net;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// A leader that can no longer lead, because it lost its followers or was frozen while another was elected:
// it says so to its clients and grants nothing more.

[Collection(Measured.Name)]
public sealed class LostLeaderTests(ITestOutputHelper output) : ClusterTest(output)
{
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_leader_without_followers_closes_its_sessions_with_1012_and_answers_503()
    {
        var cluster = await StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var holder = await ClientAsync(leader, "no-quorum", 600_000);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        var waiter = await ClientAsync(leader, "no-quorum", 600_000);
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);

        await Task.WhenAll(cluster.Nodes.Where(node => node != leader).Select(node => node.KillAsync()));

        Assert.Equal(1012, (await holder.Ended.WaitAsync(CloseBound)).Code);
        Assert.Equal(1012, (await waiter.Ended.WaitAsync(CloseBound)).Code);
        Assert.False(waiter.HasReply);
        await Eventually.HoldsAsync(
            "the lonely node answers 503",
            CloseBound,
            async () =>
            {
                try
                {
                    using var served = await Handshake.OnceAsync(
                        Handshake.V1(leader.Url, "no-quorum"),
                        CancellationToken.None
                    );
                    return false;
                }
                catch (HandshakeRefusedException refused)
                {
                    return refused is { Status: HttpStatusCode.ServiceUnavailable, RetryAfter: not null };
                }
            }
        );

        await cluster.StartAsync();
        var newcomer = await ClientAsync(cluster, "no-quorum");
        Assert.Equal("enqueued", (await newcomer.LockAsync("a")).State);
    }

    [Fact]
    public async Task A_frozen_leader_that_wakes_grants_nothing_and_steps_aside()
    {
        var cluster = await StartAsync(3);
        var frozen = await cluster.LeaderAsync();
        var holder = await ClientAsync(frozen, "frozen", 600_000);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        var waiter = await ClientAsync(frozen, "frozen", 600_000);
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);

        await frozen.FreezeAsync();
        var leader = await cluster.LeaderAsync();
        Assert.NotEqual(frozen, leader);
        var newcomer = await ClientAsync(leader, "frozen");
        Assert.Equal("enqueued", (await newcomer.LockAsync("a")).State);

        // What the holder sends now is in the socket of the frozen node: it must not take effect there.
        await holder.SendAsync("""{"action":"release"}"""u8.ToArray());
        frozen.Thaw();

        Assert.Equal(1012, (await holder.Ended.WaitAsync(CloseBound)).Code);
        Assert.Equal(1012, (await waiter.Ended.WaitAsync(CloseBound)).Code);
        Assert.False(holder.HasReply);
        Assert.False(waiter.HasReply);
        await cluster.ReadyAsync();
        var later = await ClientAsync(frozen, "frozen");
        Assert.Equal("enqueued", (await later.LockAsync("a")).State);
        Assert.False(newcomer.HasReply);
    }
}
