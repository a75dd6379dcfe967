// Five voters: a command that is acknowledged is on three of them, even while one of the three is being caught up piece by piece.
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process clusters")]
public class FiveMembersTests
{
    private const int Missed = 600;
    private const long NoSnapshot = 64 << 20;

    [Fact]
    public async Task A_piece_of_the_log_is_no_vote_for_all_of_it()
    {
        await using var cluster = new InProcessCluster(
            founders: 5, change: options => options with { CatchUpBytes = 2_000, SnapshotEveryBytes = NoSnapshot });
        await AssertWhatIsAcknowledgedIsOnThreeAsync(cluster);
    }

    [Fact]
    public async Task A_snapshot_is_no_vote_for_what_comes_after_it()
    {
        await using var cluster = new InProcessCluster(founders: 5, change: options => options with { SnapshotEveryBytes = 25_000 });
        await AssertWhatIsAcknowledgedIsOnThreeAsync(cluster);
    }

    [Fact]
    public async Task Any_two_of_five_may_be_lost()
    {
        await using var cluster = new InProcessCluster(founders: 5);
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var lost = cluster.Running.First(node => node != leader);
        await cluster.StopAsync(lost);
        await cluster.StopAsync(leader);
        var proposals = await InProcessCluster.LockAsync(await cluster.LeaderAsync(), firstSession: 1, count: 100);
        Assert.All(proposals, proposal => Assert.Equal("Acquired", proposal.Outcome.Result));
    }

    /// <summary>Leader and one follower hold what three others missed; one of these comes back, so that it is needed for every commit from then on.</summary>
    private static async Task AssertWhatIsAcknowledgedIsOnThreeAsync(InProcessCluster cluster)
    {
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var others = cluster.Running.Where(node => node != leader).ToArray();
        var lagging = others[1].Status.Name[1] - '1';
        await cluster.StopAsync(others[1]);
        await cluster.StopAsync(others[2]);
        for (var i = 0; i < Missed; i += 3)
        {
            await InProcessCluster.LockAsync(leader, firstSession: 1 + i, count: 3);
        }

        await cluster.StopAsync(others[3]);
        await cluster.StartAsync(lagging);
        var third = cluster.Running.Single(node => node != leader && node != others[0]);
        var session = Missed;
        do
        {
            var before = leader.Status.LastIndex;
            var proposal = Assert.Single(await InProcessCluster.LockAsync(leader, ++session, count: 1));
            if (proposal.Outcome.Result is not "Acquired")
            {
                // On a stalled machine leadership may change; whoever leads must keep the promise.
                leader = await cluster.LeaderAsync();
                continue;
            }

            Assert.All(cluster.Running, node => Assert.True(node.Status.LastIndex > before, $"{node.Status} has not what was acknowledged after index {before}"));
        }
        while (third.Status.LastIndex < leader.Status.LastIndex);
    }
}
