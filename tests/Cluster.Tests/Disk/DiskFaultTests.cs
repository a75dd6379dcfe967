using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// One node's disk fills up, turns read-only or fails while the cluster works: the node says so and ends, the others go
// on, and it comes back when the disk is well. Until then it must not linger, neither as a leader nor as a voter.

public sealed class DiskFaultTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int DiskFailed = 74;
    private const int LongAbandonTimeoutMs = 600_000;

    [ShimFact]
    public async Task A_follower_whose_disk_fails_ends_the_others_go_on_and_it_comes_back()
    {
        var (cluster, disks) = await StartWithFaultyDisksAsync();
        foreach (
            var (fault, begin) in new (string, Action<FaultyDisk>)[]
            {
                ("full", disk => disk.Fill()),
                ("read-only", disk => disk.MakeReadOnly()),
                ("failing writes", disk => disk.FailWrites()),
                ("failing flushes", disk => disk.FailFlushes()),
            }
        )
        {
            var follower = await cluster.FollowerAsync();
            begin(disks[follower]);
            var client = await ClientAsync(await cluster.LeaderAsync(), fault.Replace(' ', '-'));
            var writing = WriteUntilAsync(client, () => !follower.IsRunning);

            Assert.Equal((fault, DiskFailed), (fault, await follower.WaitForExitAsync(AnswerBound)));
            Assert.Contains("then start the node again", follower.Log, StringComparison.Ordinal);
            await writing;
            await WriteAsync(client);

            // Started too early, it says the same at once.
            follower.Start();
            Assert.Equal((fault, DiskFailed), (fault, await follower.WaitForExitAsync(AnswerBound)));

            disks[follower].Mend();
            await cluster.StartAsync();
            await WriteAsync(client);
        }

        await Replicas.AgreeAsync(cluster);
    }

    [ShimFact]
    public async Task A_leader_whose_disk_is_full_ends_and_what_it_granted_stays_granted()
    {
        var (cluster, disks) = await StartWithFaultyDisksAsync();
        var leader = await cluster.LeaderAsync();
        var holder = await ClientAsync(leader, "held", LongAbandonTimeoutMs);
        Assert.Equal("acquired", (await holder.LockAsync("it")).State);

        disks[leader].Fill();
        var unlucky = await ClientAsync(leader, "unlucky");
        await Assert.ThrowsAnyAsync<Exception>(() => WriteUntilAsync(unlucky, () => false));
        Assert.Equal(DiskFailed, await leader.WaitForExitAsync(AnswerBound));

        var asks = await ClientAsync(cluster, "held");
        Assert.Equal("enqueued", (await asks.LockAsync("it")).State);
        disks[leader].Mend();
        await cluster.StartAsync();
        await WriteAsync(await ClientAsync(cluster, "again"));
        await Replicas.AgreeAsync(cluster);
    }

    [ShimFact]
    public async Task A_node_that_can_not_write_its_vote_ends_instead_of_voting()
    {
        var (cluster, disks) = await StartWithFaultyDisksAsync();
        var leader = await cluster.LeaderAsync();
        var voter = cluster.Nodes.First(node => node != leader);
        disks[voter].FailWrites("vote");
        await leader.KillAsync();
        Assert.Equal(DiskFailed, await voter.WaitForExitAsync(AnswerBound));
        Assert.Contains("then start the node again", voter.Log, StringComparison.Ordinal);

        disks[voter].Mend();
        voter.Start();
        await WriteAsync(await ClientAsync(cluster, "again"));
    }

    [ShimFact]
    public async Task A_node_whose_log_can_not_be_read_refuses_to_start()
    {
        var (cluster, disks) = await StartWithFaultyDisksAsync();
        await WriteAsync(await ClientAsync(cluster, "some"));
        var node = await cluster.FollowerAsync();
        await node.KillAsync();
        disks[node].FailReads("log/0");
        node.Start();
        Assert.Equal(DiskFailed, await node.WaitForExitAsync(AnswerBound));
        Assert.Contains("then start the node again", node.Log, StringComparison.Ordinal);
    }

    private async Task<(LocalCluster Cluster, Dictionary<NodeProcess, FaultyDisk> Disks)> StartWithFaultyDisksAsync()
    {
        var cluster = Describe(3);
        var disks = cluster.Nodes.ToDictionary(node => node, node => new FaultyDisk(node, cluster.DataOf(node.Name)));
        await cluster.StartAsync();
        return (cluster, disks);
    }

    private static async Task WriteAsync(WireClient client, params string[] more)
    {
        Assert.Equal("acquired", (await client.LockAsync(["it", .. more])).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
    }

    /// <summary>Writes much: a full disk has room for what goes into the log's file that is there already.</summary>
    private static async Task WriteUntilAsync(WireClient client, Func<bool> enough)
    {
        string[] bulk = [.. Enumerable.Range(0, 55).Select(i => $"bulk/{new string('x', 1000)}/{i}")];
        do
        {
            await WriteAsync(client, bulk);
        } while (!enough());
    }
}
