// Nodes are killed while locks are held and awaited: nothing is lost that the abandon timeout allows to keep.
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests.Real;

[Trait("Category", "Slow")]
public class FailoverTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Locks_and_places_in_line_survive_the_death_of_the_leader_and_of_the_whole_cluster()
    {
        await using var cluster = new LocalCluster(3);
        await cluster.StartAsync();
        await using var holder = OneNode.Client(cluster.Nodes, "failover", Patient);
        await using var line = OneNode.Client(cluster.Nodes, "failover", Patient);
        var held = await holder.AcquireAsync(Write("a")).WaitAsync(Bound);
        var second = line.AcquireAsync(Write("a"));
        await LiveAsync(cluster, 2);
        var third = line.AcquireAsync(Write("a"));
        await LiveAsync(cluster, 3);

        var leader = await cluster.LeaderAsync();
        await leader.KillAsync();
        await using (var other = await holder.AcquireAsync(Write("b")).WaitAsync(Bound))
        {
            Assert.True(other.FencingToken > held.FencingToken);
        }

        Assert.False(held.IsLost);
        foreach (var node in cluster.Nodes.Where(node => node.IsRunning))
        {
            await node.KillAsync();
        }

        await cluster.StartAsync();
        await using (await holder.AcquireAsync(Write("b")).WaitAsync(Bound))
        {
            Assert.False(held.IsLost);
        }

        Assert.False(held.Lost.IsCancellationRequested);
        Assert.False(second.IsCompleted);
        await held.DisposeAsync();
        var next = await second.WaitAsync(Bound);
        Assert.False(third.IsCompleted);
        await next.DisposeAsync();
        await using var last = await third.WaitAsync(Bound);
        Assert.True(held.FencingToken < next.FencingToken && next.FencingToken < last.FencingToken);
    }

    [Fact]
    public async Task A_lock_is_lost_to_its_client_before_the_cluster_gives_it_to_the_next()
    {
        await using var cluster = new LocalCluster(1);
        await cluster.StartAsync();
        await using var holder = OneNode.Client(
            cluster.Nodes,
            "lost",
            options => options.AbandonTimeout = TimeSpan.FromSeconds(5)
        );
        await using var next = OneNode.Client(cluster.Nodes, "lost", Patient);
        var held = await holder.AcquireAsync(Write("a")).WaitAsync(Bound);
        var waiting = next.AcquireAsync(Write("a"));
        await LiveAsync(cluster, 2);

        // The node stands still for longer than the abandon timeout: to the client it is as if it were gone.
        await cluster.Nodes[0].FreezeAsync();
        await Eventually.HoldsAsync("Lost fires", Bound, () => Task.FromResult(held.Lost.IsCancellationRequested));
        Assert.False(waiting.IsCompleted);
        cluster.Nodes[0].Thaw();

        await (await waiting.WaitAsync(Bound)).DisposeAsync();
        Assert.True(held.IsLost);
    }

    private static void Patient(RaftLocksOptions options) => options.AbandonTimeout = TimeSpan.FromMinutes(10);

    private static Task LiveAsync(LocalCluster cluster, long count) =>
        Eventually.HoldsAsync(
            $"{count} live requests",
            Bound,
            async () => await (await cluster.LeaderAsync()).Http.ClusterAsync() is { } view && view.Live == count
        );
}
