using System.Diagnostics;
using System.Net.WebSockets;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// The disk of one node hangs: a write to it does not fail, it does not come back. A leader gives up leadership, so that
// the others serve; and the node ends and says which write it was, as nobody else can.

public sealed class HungDiskTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int DiskFailed = 74;
    private static readonly TimeSpan GrantBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AttemptBound = TimeSpan.FromMilliseconds(500);

    // 7 s until the watch is sure, and what a busy machine adds. Without a watch there is no end at all.
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(20);

    [ShimFact]
    public Task A_leader_whose_log_hangs_is_replaced_within_seconds_and_ends() =>
        LeaderHangsAsync("/log", "the log", (_, _) => Task.FromResult(Task.CompletedTask));

    [ShimFact]
    public Task A_leader_whose_vote_hangs_ends_when_it_is_to_follow_another() =>
        LeaderHangsAsync(
            "/vote",
            "the vote",
            async (cluster, leader) =>
            {
                // It writes the new term before it acknowledges anything to the new leader.
                await leader.FreezeAsync();
                await cluster.LeaderAsync();
                leader.Thaw();
                return Task.CompletedTask;
            }
        );

    [ShimFact]
    public Task A_leader_whose_members_file_hangs_is_replaced_within_seconds_and_ends() =>
        LeaderHangsAsync(
            "/members",
            "the list of members",
            async (cluster, leader) =>
            {
                var (added, member) = cluster.DescribeJoining("n4");
                Own(added).Start();
                await Eventually.HoldsAsync(
                    "the new node waits",
                    AnswerBound,
                    async () => await added.Http.ClusterAsync() is { Role: "joining" }
                );
                return OperateAsync("member", "add", member, "--node", leader.Url.ToString());
            }
        );

    [ShimFact]
    public Task A_leader_whose_snapshot_hangs_goes_on_ends_and_is_replaced_within_seconds() =>
        LeaderHangsAsync(
            "/snapshots",
            "a snapshot",
            (_, leader) =>
            {
                return Task.FromResult<Task>(leader.Http.GetAsync("/v1/admin/snapshot"));
            }
        );

    [ShimFact]
    public async Task A_follower_whose_log_hangs_ends_and_the_others_go_on()
    {
        var (cluster, disks) = await StartWithFaultyDisksAsync();
        var follower = await cluster.FollowerAsync();
        var client = await ClientAsync(await cluster.LeaderAsync(), "follower-hangs");
        disks[follower].Hang("/log");
        while (follower.IsRunning)
        {
            Assert.Equal("acquired", (await client.LockAsync("a")).State);
            Assert.Equal("ready", (await client.ReleaseAsync()).State);
        }

        Assert.Equal(DiskFailed, await follower.WaitForExitAsync(EndBound));
        Assert.Contains("A write to the log has not come back", follower.Log, StringComparison.Ordinal);
    }

    [ShimFact]
    public async Task A_disk_that_stalls_for_two_seconds_ends_nobody()
    {
        var (cluster, disks) = await StartWithFaultyDisksAsync();
        var leader = await cluster.LeaderAsync();
        var term = (await leader.Http.ClusterAsync())!.Term;
        var before = await ClientAsync(leader, "stall");
        disks[leader].Hang("/log");
        await before.SendLockAsync("a");
        await Eventually.HoldsAsync("another leads", AnswerBound, async () => (await cluster.LeaderAsync()) != leader);
        disks[leader].Mend();

        // It follows, with all that was committed meanwhile, and can be elected again.
        await cluster.ReadyAsync();
        await Replicas.AgreeAsync(cluster);
        Assert.True(leader.IsRunning);
        foreach (var other in cluster.Nodes.Where(node => node != leader).Take(1))
        {
            await other.KillAsync();
        }

        var client = await ClientAsync(cluster, "stall");
        Assert.True((await client.LockAsync("b")).State == "acquired");
        Assert.True((await (await cluster.LeaderAsync()).Http.ClusterAsync())!.Term > term);
    }

    [ShimFact]
    public Task A_node_that_starts_on_a_disk_whose_vote_hangs_ends() => HangsAtStartAsync("/vote", "the vote");

    [ShimFact]
    public Task A_node_that_starts_on_a_disk_whose_log_hangs_ends() => HangsAtStartAsync("/log", "the log");

    [ShimFact]
    public Task A_node_that_starts_on_a_disk_that_hangs_as_a_whole_ends() => HangsAtStartAsync("", "the vote");

    // What was there before is written once more at a start: a process that was killed may have left it in the page
    // cache.
    private async Task HangsAtStartAsync(string part, string what)
    {
        var cluster = Describe(1);
        var node = cluster.Nodes[0];
        var disk = new FaultyDisk(node, cluster.DataOf(node.Name));
        await cluster.StartAsync();
        Assert.Equal("acquired", (await (await ClientAsync(cluster, "start", 600_000)).LockAsync("a")).State);
        await node.KillAsync();

        disk.Hang(part);
        node.Start();
        Assert.Equal(DiskFailed, await node.WaitForExitAsync(EndBound));
        Assert.Contains($"A write to {what} has not come back", node.Log, StringComparison.Ordinal);

        disk.Mend();
        await cluster.StartAsync();
        Assert.Equal("enqueued", (await (await ClientAsync(cluster, "start")).LockAsync("a")).State);
    }

    private async Task LeaderHangsAsync(
        string part,
        string what,
        Func<LocalCluster, NodeProcess, Task<Task>> writeAsync
    )
    {
        var (cluster, disks) = await StartWithFaultyDisksAsync();
        var leader = await cluster.LeaderAsync();
        var before = await ClientAsync(leader, "before");
        Assert.Equal("acquired", (await before.LockAsync("a")).State);

        disks[leader].Hang(part);
        var writing = await writeAsync(cluster, leader);
        var from = Stopwatch.GetTimestamp();
        var longest = TimeSpan.Zero;
        while (!await IsServedByAsync(cluster, leader))
        {
            Assert.True(Stopwatch.GetElapsedTime(from) < EndBound, "no other leader serves");
            var lastGrant = Stopwatch.GetTimestamp();
            await Eventually.FindAsync(
                "a grant",
                GrantBound,
                () => LockWithinAsync(cluster.Running.Where(node => node != leader))
            );
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(lastGrant).Ticks));
        }

        Assert.Equal(DiskFailed, await leader.WaitForExitAsync(EndBound));
        Say(
            $"the longest time without a grant was {longest.TotalMilliseconds:F0} ms; ended by "
                + $"{Stopwatch.GetElapsedTime(from).TotalMilliseconds:F0} ms"
        );
        Assert.Contains($"A write to {what} has not come back", leader.Log, StringComparison.Ordinal);
        Assert.Contains(part, leader.Log, StringComparison.Ordinal);
        await writing;
        disks[leader].Mend();
        await cluster.StartAsync();
        await Replicas.AgreeAsync(cluster);
    }

    private static async Task<bool> IsServedByAsync(LocalCluster cluster, NodeProcess old)
    {
        foreach (var node in cluster.Running.Where(node => node != old))
        {
            if (await node.Http.ClusterAsync() is { Role: "leader" } && await node.Http.IsReadyAsync())
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<Reply?> LockWithinAsync(IEnumerable<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            try
            {
                await using var client = await WireClient.ConnectAsync(node, "after", bound: AttemptBound);
                var path = $"attempt-{Guid.NewGuid():N}";
                await client.SendLockAsync(path);
                var reply = await client.NextAsync(AttemptBound);
                return reply.State == "acquired" ? reply : await client.NextAsync(AttemptBound);
            }
            catch (Exception notYet)
                when (notYet
                        is HandshakeRefusedException
                            or WebSocketException
                            or ConnectionEndedException
                            or TimeoutException
                )
            {
                // Nobody leads yet, or the node still sends clients to the old leader.
            }
        }

        return null;
    }

    private async Task<(LocalCluster Cluster, Dictionary<NodeProcess, FaultyDisk> Disks)> StartWithFaultyDisksAsync()
    {
        var cluster = Describe(3);
        var disks = cluster.Nodes.ToDictionary(node => node, node => new FaultyDisk(node, cluster.DataOf(node.Name)));
        await cluster.StartAsync();
        return (cluster, disks);
    }
}
