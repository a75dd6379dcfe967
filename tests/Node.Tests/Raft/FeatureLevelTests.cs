// The feature level rises when every member says that it supports more, and not before.
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Api;
using RaftLocks.Node.Membership;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process members")]
[Trait("Category", "Slow")]
public class FeatureLevelTests
{
    [Fact]
    public async Task The_level_rises_when_the_last_member_supports_it_and_every_member_learns_of_it()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var first = await cluster.LeaderAsync();
        var old = cluster.Running.First(node => node != first).Status.Name;
        var supports = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in cluster.Running)
        {
            // A build that says nothing of feature levels.
            supports[node.Status.Name] = node.Status.Name == old ? 0 : FeatureLevels.Supported;
        }

        Assert.False(await TryRaiseAsync(cluster, supports));
        Assert.All(cluster.Running, node => Assert.Equal(1, node.FeatureLevel));

        supports[old] = FeatureLevels.Supported;
        while (!await TryRaiseAsync(cluster, supports)) { }

        await InProcessCluster.UntilAsync(
            () => cluster.Running.All(node => node.FeatureLevel == FeatureLevels.Supported),
            "not every member has learnt the level"
        );
        var leader = await cluster.LeaderAsync();
        await InProcessCluster.UntilAsync(
            () => leader.Current is not { FeatureLevel: 1 },
            "the leadership does not know the level"
        );
    }

    [Fact]
    public async Task A_member_that_does_not_answer_keeps_the_level_down()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        Assert.False(await TryRaiseAsync(cluster, []));
        Assert.All(cluster.Running, node => Assert.Equal(1, node.FeatureLevel));
    }

    private static async Task<bool> TryRaiseAsync(InProcessCluster cluster, ConcurrentDictionary<string, int> supports)
    {
        var leader = await cluster.LeaderAsync();
        if (leader.Current is not { } leadership)
        {
            return false;
        }

        var levels = new FeatureLevels(
            leader,
            (member, _) =>
                Task.FromResult(
                    supports.TryGetValue(member.Name, out var level)
                        ? new NodeResponse(member.Name, "", NodePhase.Member, 0, level, [])
                        : null
                ),
            TimeProvider.System,
            NullLogger.Instance
        );
        return await levels.TryRaiseAsync(leadership, CancellationToken.None);
    }
}
