// Five voters: a command that is acknowledged is on three of them, even while one of the three is being caught up piece
// by piece.
namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process clusters")]
[Trait("Category", "Slow")]
public class FiveMembersTests
{
    private const int Missed = 1500;

    [Fact]
    public async Task What_is_acknowledged_is_on_three_while_one_of_the_three_catches_up()
    {
        // Entry by entry, so that it takes a while.
        await using var cluster = new InProcessCluster(
            initialMembers: 5,
            change: options => options with { CatchUpBytes = 1, SnapshotEveryBytes = 64 << 20 }
        );
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var others = cluster.Running.Where(node => node != leader).ToArray();
        var number = others[1].Status.Name[1] - '1';
        await cluster.StopAsync(others[1]);
        await cluster.StopAsync(others[2]);
        for (var i = 1; i <= Missed; i++)
        {
            await InProcessCluster.LockAsync(leader, i, count: 1);
        }

        // One that missed them comes back, and one that has them goes: from here on three are left, and each is needed
        // for every commit.
        await cluster.StartAsync(number);
        var third = cluster.Running.Single(node => node.Status.Name == others[1].Status.Name);
        var had = third.Status.LastIndex;
        await InProcessCluster.UntilAsync(() => third.Status.LastIndex > had, "nothing is sent to the third");
        await cluster.StopAsync(others[3]);
        Assert.True(
            third.Status.LastIndex < leader.Status.LastIndex,
            "the third has caught up too soon to show anything"
        );
        long before;
        var session = Missed;
        do
        {
            // On a stalled machine leadership may change; whoever leads keeps the promise.
            leader = await cluster.LeaderAsync();
            before = leader.Status.LastIndex;
        } while (
            await Assert.Single(await InProcessCluster.LockAsync(leader, ++session, count: 1)).Outcome != "Acquired"
        );

        Assert.All(
            cluster.Running,
            node =>
                Assert.True(
                    node.Status.LastIndex > before,
                    $"{node.Status} lacks what was acknowledged, behind {before}"
                )
        );
    }

    [Fact]
    public async Task Any_two_of_five_may_be_lost()
    {
        await using var cluster = new InProcessCluster(initialMembers: 5);
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var lost = cluster.Running.First(node => node != leader);
        await cluster.StopAsync(lost);
        await cluster.StopAsync(leader);
        var proposals = await InProcessCluster.LockAsync(await cluster.LeaderAsync(), firstSession: 1, count: 100);
        Assert.All(proposals, proposal => Assert.Equal("Acquired", proposal.Outcome.Result));
    }
}
