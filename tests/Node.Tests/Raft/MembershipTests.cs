// Members come and go one at a time, the cluster remembers them, and a node that lost its data is not the member it was.
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process clusters")]
public class MembershipTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_dead_member_is_replaced_and_the_cluster_remembers()
    {
        await using var cluster = new InProcessCluster(spareNodes: 1);
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(leader, firstSession: 1, count: 200);
        var dead = cluster.Running.First(node => node != leader);
        var deadName = dead.Status.Name;
        await cluster.StopAsync(dead);

        await cluster.RemoveAsync(deadName);
        leader = await cluster.LeaderAsync();
        Assert.DoesNotContain(leader.Members, member => member.Name == deadName);
        var added = await cluster.StartJoiningAsync(3);
        Assert.Equal("joining", added.Status.Role);
        Assert.True(await leader.AddMemberAsync(cluster.AsMember(3), CancellationToken.None).WaitAsync(Patience));

        await InProcessCluster.UntilAsync(() => cluster.Running.All(node => node.Members.Count == 3 && node.IsMember), "not all know the members");
        await InProcessCluster.LockAsync(leader, firstSession: 1001, count: 200);
        await InProcessCluster.UntilAsync(() => added.Read(machine => machine.LiveCount) == 400, "the new member does not follow");

        // Now the other old member goes too: the new one is needed for every commit, and after a restart still knows whom it is with.
        await cluster.StopAsync(cluster.Running.First(node => node != leader && node != added));
        await InProcessCluster.LockAsync(leader, firstSession: 2001, count: 10);
        await cluster.StopAsync(added);
        await cluster.StartAsync(3);
        var restarted = cluster.Running.First(node => node.Status.Name == "n4");
        Assert.True(restarted.IsMember);
        Assert.Equal(3, restarted.Members.Count);
        await InProcessCluster.UntilAsync(() => cluster.Running.Any(node => node.Current is not null), "no leader after the restart");
    }

    [Fact]
    public async Task A_removed_member_halts_when_it_hears_of_it_and_its_folder_is_never_used_again()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var removed = cluster.Running.First(node => node != leader);
        var number = removed.Status.Name[1] - '1';
        await cluster.RemoveAsync(removed.Status.Name);
        leader = await cluster.LeaderAsync();

        // The leader has no more to say to it; it hears it from whomever it asks.
        removed.Hear(leader.Members, leader.MembersIndex);
        Assert.Contains("removed", (await removed.Fatal.WaitAsync(Patience)).Reason, StringComparison.Ordinal);
        await cluster.StopAsync(removed);
        var error = await Assert.ThrowsAsync<WrongDataDirectoryException>(() => cluster.StartAsync(number));
        Assert.Contains("--join", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_that_lost_its_data_does_not_vote_under_its_old_name()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartKnowingEachOtherAsync();
        var leader = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(leader, firstSession: 1, count: 10);
        var lost = cluster.Running.First(node => node != leader);
        var number = lost.Status.Name[1] - '1';
        await cluster.StopAsync(lost);
        cluster.Wipe(number);

        // It gets the whole log from the leader, old lists of members included, and still has no vote.
        var stranger = await cluster.StartJoiningAsync(number);
        await InProcessCluster.UntilAsync(() => stranger.Read(machine => machine.LiveCount) == 10, "the leader does not send its log");
        Assert.False(stranger.IsMember);
        var other = cluster.Running.First(node => node != leader && node != stranger);
        var otherNumber = other.Status.Name[1] - '1';
        await cluster.StopAsync(other);
        await cluster.StopAsync(leader);
        await cluster.StartAsync(otherNumber);
        await Task.Delay(4_000);
        Assert.All(cluster.Running, node => Assert.Null(node.Current));
    }
}
