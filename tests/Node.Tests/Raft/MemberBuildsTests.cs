// A member that was started with too old a build is sent nothing: no entry, and no snapshot again and again. With a
// newer build it catches up.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Membership;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.StateMachine.Codec;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process members")]
[Trait("Category", "Slow")]
public class MemberBuildsTests
{
    private const int Locks = 400;

    [Fact]
    public async Task A_member_that_is_too_old_is_sent_neither_entries_nor_snapshots_and_catches_up_with_a_newer_build()
    {
        await using var cluster = new InProcessCluster(change: options =>
            options with
            {
                SnapshotEveryBytes = 8 * 1024,
                LogSegmentBytes = 4 * 1024,
            }
        );
        await cluster.StartAllAsync();
        var leader = await RaiseAsync(cluster);
        var old = cluster.Running.First(node => node != leader);
        var member = leader.Members.Single(known => known.Name == old.Status.Name);
        foreach (var node in cluster.Running)
        {
            // Whoever leads next knows it too.
            node.Builds.Note(member, featureLevel: 1, Versions.Snapshot);
            Assert.Equal([member.Name], node.Builds.TooOld);
        }

        // What was on its way arrives; from then on nothing does, though the others go on and cut their logs off.
        await InProcessCluster.LockAsync(await cluster.LeaderAsync(), 1, 1);
        var before = old.Status.LastIndex;
        for (var i = 0; i < Locks; i += 10)
        {
            await InProcessCluster.LockAsync(await cluster.LeaderAsync(), 100 + i, 10);
        }

        var ahead = (await cluster.LeaderAsync()).Status.CommitIndex;
        Assert.True(ahead > before + 30, $"{ahead} after {before}");
        Assert.InRange(old.Status.LastIndex, before, before + 1);

        foreach (var node in cluster.Running)
        {
            node.Builds.Note(member, Versions.SupportedFeatureLevel, Versions.Snapshot);
            Assert.Empty(node.Builds.TooOld);
        }

        await InProcessCluster.UntilAsync(() => old.Status.AppliedIndex >= ahead, "it does not catch up");
    }

    [Fact]
    public async Task A_node_that_does_not_lead_forgets_what_it_has_heard_so_that_it_can_be_elected()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var leader = await RaiseAsync(cluster);
        var follower = cluster.Running.First(node => node != leader);
        follower.Builds.Note(leader.Members.Single(member => member.Name == leader.Status.Name), 1, Versions.Snapshot);
        using var ending = new CancellationTokenSource();
        var levels = new FeatureLevels(follower, SupportsAllAsync, TimeProvider.System, NullLogger.Instance);
        var running = levels.RunAsync(ending.Token);
        await InProcessCluster.UntilAsync(() => follower.Builds.TooOld.Count == 0, "it does not forget");
        await ending.CancelAsync();
        await running;
    }

    [Fact]
    public void A_member_that_does_not_answer_is_forgotten()
    {
        var builds = new MemberBuilds(() => Versions.SupportedFeatureLevel, NullLogger.Instance);
        var member = LogFixture.Three(7001)[1];
        builds.Note(member, featureLevel: 1, Versions.Snapshot);
        Assert.Equal(["n2"], builds.TooOld);
        builds.Forget(member);
        Assert.Empty(builds.TooOld);
    }

    [Fact]
    public void A_member_of_an_older_build_is_sent_everything_while_the_level_in_force_is_its_own()
    {
        var level = 1;
        var builds = new MemberBuilds(() => level, NullLogger.Instance);
        var member = LogFixture.Three(7001)[1];
        builds.Note(member, featureLevel: 1, Versions.Snapshot);
        Assert.Empty(builds.TooOld);
        level = 2;
        Assert.Equal(["n2"], builds.TooOld);
        builds.KeepOnly([]);
        Assert.Empty(builds.TooOld);
    }

    [Fact]
    public void A_member_that_reads_older_snapshots_only_is_too_old()
    {
        var builds = new MemberBuilds(() => Versions.SupportedFeatureLevel, NullLogger.Instance);
        builds.Note(LogFixture.Three(7001)[2], Versions.SupportedFeatureLevel, Versions.Snapshot - 1);
        Assert.Equal(["n3"], builds.TooOld);
    }

    private static Task<NodeResponse?> SupportsAllAsync(Member member, CancellationToken token) =>
        Task.FromResult<NodeResponse?>(
            new NodeResponse(member.Name, "", NodePhase.Member, 0, FeatureLevels.Supported, [])
            {
                SnapshotVersion = Versions.Snapshot,
            }
        );

    private static async Task<RaftNode> RaiseAsync(InProcessCluster cluster)
    {
        while (true)
        {
            var leader = await cluster.LeaderAsync();
            var levels = new FeatureLevels(leader, SupportsAllAsync, TimeProvider.System, NullLogger.Instance);
            if (
                leader.Current is { } leadership
                && (
                    leadership.FeatureLevel >= FeatureLevels.Supported
                    || await levels.TryRaiseAsync(leadership, CancellationToken.None)
                )
            )
            {
                await InProcessCluster.UntilAsync(
                    () => cluster.Running.All(node => node.FeatureLevel == FeatureLevels.Supported),
                    "not every member has learnt the level"
                );
                return leader;
            }
        }
    }
}
