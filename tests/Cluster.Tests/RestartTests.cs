using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Nodes that go and come back, with kill -9 and their data folders: one of three, all of three, a single one.

public sealed class RestartTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int LongAbandonTimeoutMs = 600_000;

    [Fact]
    public async Task A_node_that_comes_back_catches_up()
    {
        var cluster = await StartAsync(3);
        var follower = await cluster.FollowerAsync();
        await follower.KillAsync();
        var holder = await ClientAsync(cluster, "catch-up");
        Assert.Equal("acquired", (await holder.LockAsync("kept")).State);
        await CycleAsync(cluster, "catch-up", 200);

        await cluster.StartAsync();

        await Replicas.AgreeAsync(cluster);
        Assert.Equal(1, (await follower.Http.ClusterAsync())!.Live);
        var through = await ClientAsync(follower, "catch-up");
        Assert.Equal("enqueued", (await through.LockAsync("kept")).State);
    }

    [Fact]
    public async Task All_nodes_killed_at_once_lose_nothing()
    {
        var cluster = await StartAsync(3);
        var lastId = await CycleAsync(cluster, "all", 150);
        var holder = await ClientAsync(cluster, "all", LongAbandonTimeoutMs);
        lastId = (await holder.LockAsync("kept", "?other")).Id;
        await CycleAsync(cluster, "another", 50);
        await Replicas.AgreeAsync(cluster);

        await Task.WhenAll(cluster.Nodes.Select(node => node.KillAsync()));
        await cluster.StartAsync();

        await Replicas.AgreeAsync(cluster);
        var newcomer = await ClientAsync(cluster, "all");
        var waits = await newcomer.LockAsync("kept");
        Assert.Equal("enqueued", waits.State);
        Assert.True(waits.Id > lastId, $"{waits.Id} after {lastId}");
        Assert.Equal("ready", (await newcomer.ReleaseAsync()).State);
        Assert.Equal("acquired", (await newcomer.LockAsync("?other")).State);
        Assert.Equal(51ul, await CycleAsync(cluster, "another", 1));
        await CycleAsync(cluster, "all", 150);
        await Replicas.AgreeAsync(cluster);
    }

    [Fact]
    public async Task A_single_node_keeps_its_locks_over_a_crash()
    {
        var single = await StartAsync(1);
        var holder = await ClientAsync(single, "single", LongAbandonTimeoutMs);
        var held = await holder.LockAsync("a/b");
        Assert.Equal("acquired", held.State);

        await single.Nodes[0].KillAsync();
        await single.StartAsync();

        var newcomer = await ClientAsync(single, "single");
        var waits = await newcomer.LockAsync("a");
        Assert.Equal((held.Id + 1, "enqueued"), (waits.Id, waits.State));
    }

    // Locks and releases as often as asked, one after the other; each is an entry of its own. Returns the last id.
    private async Task<ulong> CycleAsync(LocalCluster cluster, string ns, int times)
    {
        var client = await ClientAsync(cluster, ns);
        ulong id = 0;
        for (var i = 0; i < times; i++)
        {
            var held = await client.LockAsync($"cycle/{i % 7}");
            Assert.Equal("acquired", held.State);
            id = held.Id;
            Assert.Equal("ready", (await client.ReleaseAsync()).State);
        }

        return id;
    }
}
