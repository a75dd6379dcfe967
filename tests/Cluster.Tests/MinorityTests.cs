using System.Diagnostics;
using System.Net.WebSockets;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// A minority that hangs takes nothing from a majority that is well. Each of these faults once cost five to thirty
// seconds without a leader, or more; the bound leaves room for a busy machine, and none for waiting until a request to
// a silent member has timed out.

[Collection(Measured.Name)]
public sealed class MinorityTests(ITestOutputHelper output) : ClusterTest(output)
{
    private static readonly TimeSpan GrantBound = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan AttemptBound = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ExitBound = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_frozen_leader_is_replaced_within_seconds()
    {
        var cluster = await StartAsync(3);
        var leader = await WorkingLeaderAsync(cluster);
        await IsReplacedAsync(cluster, leader.FreezeAsync);
    }

    [Fact]
    public async Task Of_five_nodes_with_one_frozen_a_killed_leader_is_replaced_within_seconds()
    {
        var cluster = await StartAsync(5);
        var leader = await WorkingLeaderAsync(cluster);
        await cluster.Nodes.First(node => node != leader).FreezeAsync();
        await IsReplacedAsync(cluster, leader.KillAsync);
    }

    [Fact]
    public async Task A_member_that_accepts_and_never_answers_does_not_delay_an_election()
    {
        var cluster = await StartAsync(3);
        var leader = await WorkingLeaderAsync(cluster);
        SilentListener? silent = null;
        try
        {
            await IsReplacedAsync(
                cluster,
                async () =>
                {
                    await leader.KillAsync();
                    silent = SilentListener.Accepting(cluster.RaftAddressOf(leader.Name));
                }
            );
        }
        finally
        {
            silent?.Dispose();
        }
    }

    [Fact]
    public async Task A_member_that_swallows_connections_does_not_delay_an_election()
    {
        var cluster = await StartAsync(3);
        var leader = await WorkingLeaderAsync(cluster);
        SilentListener? silent = null;
        try
        {
            await IsReplacedAsync(
                cluster,
                async () =>
                {
                    await leader.KillAsync();
                    silent = await SilentListener.SwallowingAsync(cluster.RaftAddressOf(leader.Name));
                }
            );
        }
        finally
        {
            silent?.Dispose();
        }
    }

    [Fact]
    public async Task A_frozen_follower_slows_nobody_down_can_be_removed_and_does_not_keep_the_leader_from_ending()
    {
        const int cycles = 100;
        var cluster = await StartAsync(3);
        var leader = await WorkingLeaderAsync(cluster);
        var frozen = cluster.Nodes.First(node => node != leader);
        await frozen.FreezeAsync();

        // One that waited for it would wait for the bound of a request, 5 s, each time.
        var client = await ClientAsync(leader, "frozen-follower");
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < cycles; i++)
        {
            Assert.Equal("acquired", (await client.LockAsync("a")).State);
            Assert.Equal("ready", (await client.ReleaseAsync()).State);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        started = Stopwatch.GetTimestamp();
        var (code, log) = await OperateAsync("member", "remove", frozen.Name, "--node", leader.Url.ToString());
        Assert.True(code == 0, log);
        Say($"removed after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");
        leader.Terminate();
        Assert.Equal(0, await leader.WaitForExitAsync(ExitBound));
    }

    [Fact]
    public async Task A_leader_that_is_asked_to_end_is_not_elected_again()
    {
        const int rounds = 4;
        var cluster = await StartAsync(3);
        for (var round = 0; round < rounds; round++)
        {
            var leader = await WorkingLeaderAsync(cluster);
            var elected = CountLeaderships(leader);
            await IsReplacedAsync(
                cluster,
                async () =>
                {
                    // It serves for a moment longer; that is no new leader.
                    leader.Terminate();
                    await Eventually.HoldsAsync(
                        "it leads no more",
                        ExitBound,
                        () => Task.FromResult(leader.Log.Contains("it stops", StringComparison.Ordinal))
                    );
                },
                leader
            );
            Assert.Equal(0, await leader.WaitForExitAsync(ExitBound));
            Assert.Equal(elected, CountLeaderships(leader));
            await cluster.StartAsync();
        }
    }

    private static int CountLeaderships(NodeProcess node) =>
        node.Log.Split('\n').Count(line => line.Contains($"{node.Name} leads in term", StringComparison.Ordinal));

    private async Task<NodeProcess> WorkingLeaderAsync(LocalCluster cluster)
    {
        var leader = await cluster.LeaderAsync();
        var client = await ClientAsync(leader, "before");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
        return leader;
    }

    private async Task IsReplacedAsync(LocalCluster cluster, Func<Task> strikeAsync, NodeProcess? leaving = null)
    {
        var from = Stopwatch.GetTimestamp();
        await strikeAsync();
        var granted = await Eventually.FindAsync(
            "a grant by a new leader",
            GrantBound,
            () => LockWithinAsync(cluster.Running.Where(node => node != leaving))
        );
        Say($"granted after {Stopwatch.GetElapsedTime(from, granted.ReceivedAt).TotalMilliseconds:F0} ms");
    }

    private static async Task<Reply?> LockWithinAsync(IEnumerable<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            try
            {
                await using var client = await WireClient.ConnectAsync(node, "after", bound: AttemptBound);
                var reply = await client.LockAsync($"attempt-{Guid.NewGuid():N}");
                return reply.State == "acquired" ? reply : await client.NextAsync();
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
}
