using System.Diagnostics;
using System.Net.WebSockets;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// The disk of one node is slow, and an election needs this node's vote. The vote must be on the slow disk before the
// candidate is told about it, so an election takes as many flushes as a vote does. With too many the candidate gives up
// before it is elected, again and again.

[Collection(Measured.Name)]
public sealed class SlowDiskTests(ITestOutputHelper output) : ClusterTest(output)
{
    private static readonly TimeSpan AttemptBound = TimeSpan.FromSeconds(2);

    [ShimFact]
    public Task A_leader_is_elected_by_a_member_whose_every_flush_takes_120_ms() => ElectedByASlowMemberAsync(120);

    [ShimFact]
    public Task A_leader_is_elected_by_a_member_whose_every_flush_takes_a_quarter_of_a_second() =>
        ElectedByASlowMemberAsync(250);

    private async Task ElectedByASlowMemberAsync(int flushMs)
    {
        var cluster = Describe(3);
        var disks = cluster.Nodes.ToDictionary(node => node, node => new FaultyDisk(node, cluster.DataOf(node.Name)));
        await cluster.StartAsync();
        var leader = await cluster.LeaderAsync();
        var (slow, heir) = cluster.Nodes.Where(node => node != leader).ToArray() is [var one, var other]
            ? (one, other)
            : default;

        // What is committed without the slow one makes it unfit to lead: the heir must be elected, by its vote.
        await slow.FreezeAsync();
        var client = await ClientAsync(leader, "slow-disk");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        disks[slow].SlowDown(flushMs);
        await leader.KillAsync();
        slow.Thaw();

        var from = Stopwatch.GetTimestamp();
        await Eventually.FindAsync("a grant", TimeSpan.FromSeconds(20), () => LockWithinAsync(heir));
        Say($"{flushMs} ms a flush: granted after {Stopwatch.GetElapsedTime(from).TotalMilliseconds:F0} ms");
    }

    private static async Task<Reply?> LockWithinAsync(NodeProcess node)
    {
        try
        {
            await using var client = await WireClient.ConnectAsync(node, "slow-disk-after", bound: AttemptBound);
            await client.SendLockAsync($"attempt-{Guid.NewGuid():N}");
            return await client.NextAsync(AttemptBound) is { State: "acquired" } reply
                ? reply
                : await client.NextAsync(AttemptBound);
        }
        catch (Exception notYet)
            when (notYet
                    is HandshakeRefusedException
                        or WebSocketException
                        or ConnectionEndedException
                        or TimeoutException
            )
        {
            // Nobody leads yet.
            return null;
        }
    }
}
