// Three members in one process: replication, hand-over, restart, and what each command is told.
namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process clusters")]
[Trait("Category", "Slow")]
public class RaftNodeTests
{
    [Fact]
    public async Task Every_replica_has_the_same_digest_and_ledger_and_keeps_them_over_a_restart_of_all()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var locked = await InProcessCluster.LockAsync(await cluster.LeaderAsync(), 1, 500);
        Assert.All(locked, proposal => Assert.Equal("Acquired", proposal.Outcome.Result));
        var before = await AgreedAsync(cluster, 500);

        foreach (var node in cluster.Running.ToArray())
        {
            await cluster.StopAsync(node);
        }

        await cluster.StartAllAsync();
        var more = await InProcessCluster.LockAsync(await cluster.LeaderAsync(), 1000, 1);
        Assert.Equal(501UL, more[0].Id);
        var after = await AgreedAsync(cluster, 501);
        Assert.NotEqual(before, after, StringComparer.Ordinal);
    }

    // It may have sent an entry to a member that was being added, and been killed before it had flushed it; another
    // must not get the same term and index.
    [Fact]
    public async Task A_node_that_is_alone_never_leads_twice_in_one_term()
    {
        await using var cluster = new InProcessCluster(initialMembers: 1);
        long before = -1;
        for (var start = 0; start < 3; start++)
        {
            await cluster.StartAllAsync();
            var leader = await cluster.LeaderAsync();
            Assert.True(leader.Current!.Term > before);
            before = leader.Current!.Term;
            Assert.Equal((ulong)start + 1, (await InProcessCluster.LockAsync(leader, start + 1, 1))[0].Id);
            await cluster.StopAsync(leader);
        }
    }

    [Fact]
    public async Task A_leader_that_leaves_hands_over_and_nothing_is_lost()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var first = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(first, 1, 100);
        await cluster.StopAsync(first);
        var second = await cluster.LeaderAsync();
        Assert.NotSame(first, second);
        Assert.Equal(100, second.Read(machine => machine.LiveCount));
        Assert.Equal(101UL, (await InProcessCluster.LockAsync(second, 500, 1))[0].Id);
    }

    [Fact]
    public async Task Each_command_is_told_exactly_once_what_became_of_it_even_when_leadership_ends_under_it()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var stopping = Task.Run(async () =>
        {
            await InProcessCluster.UntilAsync(
                () => leader.Read(machine => machine.LiveCount) > 500,
                "nothing is applied"
            );
            await cluster.StopAsync(leader);
        });
        var proposals = await InProcessCluster.LockAsync(leader, 1, 20_000);
        await stopping;
        Assert.All(proposals, proposal => Assert.Equal(1, proposal.TimesTold));

        // What was acknowledged is there; what was dropped is not; what is in doubt may be either.
        var next = await cluster.LeaderAsync();
        var live = next.Read(machine => machine.LiveRequests.Select(request => (int)request.Session.Value).ToHashSet());
        for (var i = 0; i < proposals.Length; i++)
        {
            var outcome = await proposals[i].Outcome;
            Assert.True(
                outcome switch
                {
                    "Acquired" => live.Contains(i + 1),
                    "dropped" => !live.Contains(i + 1),
                    _ => true,
                },
                outcome
            );
        }
    }

    [Fact]
    public async Task A_member_that_was_away_catches_up_with_snapshots_taken_meanwhile()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var away = cluster.Running.First(node => node != leader);
        var index = int.Parse(away.Status.Name[1..]) - 1;
        await cluster.StopAsync(away);
        for (var round = 0; round < 40; round++)
        {
            await InProcessCluster.LockAsync(await cluster.LeaderAsync(), 1 + (round * 200), 200);
        }

        await cluster.StartAsync(index);
        await AgreedAsync(cluster, 8000);
    }

    private static async Task<string> AgreedAsync(InProcessCluster cluster, int live)
    {
        var states = new HashSet<string>(StringComparer.Ordinal);
        await InProcessCluster.UntilAsync(
            () =>
            {
                states = cluster
                    .Running.Select(node =>
                        node.Read(machine =>
                            $"{machine.LiveCount} {machine.AppliedIndex} {machine.Digest} {machine.LedgerHead}"
                        )
                    )
                    .ToHashSet(StringComparer.Ordinal);
                return states.Count == 1 && states.Single().StartsWith($"{live} ", StringComparison.Ordinal);
            },
            "the replicas do not agree: " + string.Join("; ", states)
        );
        return states.Single();
    }
}
