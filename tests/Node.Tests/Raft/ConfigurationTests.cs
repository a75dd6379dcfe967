// A configuration counts from when it is appended, falls back when it is cut, and is found again at a start; a leader
// decides nothing by the members before it.
using System.Net;
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Tests.Raft;

public class ConfigurationTests
{
    private static readonly Member[] Three = LogFixture.Three(7001);
    private static readonly Member Fourth = new(
        "n4",
        "127.0.0.1",
        7004,
        new Uri("http://127.0.0.1:7104"),
        new Uri("http://127.0.0.1:7104")
    );
    private static readonly ClusterMemberId Self = ClusterMemberId.FromEndPoint(Three[0].RaftEndPoint);

    [Fact]
    public async Task A_follower_counts_by_a_configuration_from_when_it_has_appended_it_and_after_a_restart()
    {
        var fixture = LogFixture.New();
        await SendAsync(fixture, 1, Command(1), Members([.. Three, Fourth], term: 1));

        Assert.Equal(["n1", "n2", "n3", "n4"], Names(fixture.Membership.Members));
        Assert.Equal(["n1", "n2", "n3"], Names(fixture.Membership.AppliedMembers));
        Assert.Equal(2, fixture.Membership.Index);

        await using var reopened = await fixture.ReopenAsync();
        Assert.Equal(["n1", "n2", "n3", "n4"], Names(reopened.Membership.Members));
        Assert.Equal(["n1", "n2", "n3"], Names(reopened.Membership.AppliedMembers));
    }

    [Fact]
    public async Task A_configuration_that_another_leader_replaces_counts_no_more()
    {
        await using var fixture = LogFixture.New();
        var told = Listen(fixture);
        await SendAsync(fixture, 1, Command(1), Members([.. Three, Fourth], term: 1), Command(1));
        await SendAsync(fixture, 2, Command(2));

        Assert.Equal(["n1", "n2", "n3"], Names(fixture.Membership.Members));
        Assert.Equal(0, fixture.Membership.Index);
        Assert.Equal([4, 3], told);
    }

    [Fact]
    public async Task Of_two_configurations_in_the_log_the_newer_counts_and_then_the_older()
    {
        await using var fixture = LogFixture.New();
        await SendAsync(fixture, 1, Members([.. Three, Fourth], term: 1), Members([.. Three[..2], Fourth], term: 1));
        Assert.Equal(["n1", "n2", "n4"], Names(fixture.Membership.Members));

        await SendAsync(fixture, 2, Command(2));
        Assert.Equal(["n1", "n2", "n3", "n4"], Names(fixture.Membership.Members));
    }

    [Fact]
    public async Task A_node_that_an_uncommitted_configuration_leaves_out_is_not_removed_and_may_vote()
    {
        await using var fixture = LogFixture.New();
        List<bool> changes = [];
        fixture.Membership.Changed = changes.Add;
        await SendAsync(fixture, 1, Members(Three[1..], term: 1));

        Assert.False(fixture.Membership.HasSelf);
        Assert.True(fixture.Membership.MayVote);
        Assert.Empty(changes);

        await fixture.State.CommitAsync(1);
        await fixture.Log.WaitForApplyAsync(1, CancellationToken.None);
        Assert.Equal([true], changes);
        Assert.False(fixture.Membership.MayVote);
    }

    [Fact]
    public async Task Nobody_replicates_a_leaders_configuration_before_the_library_works_with_its_members()
    {
        await using var fixture = await LeaderAsync();
        var rounds = 0;
        var inForce = false;
        fixture.Log.IsInForce = _ => inForce;
        fixture.Log.CompleteRoundAsync = _ =>
        {
            rounds++;
            return Task.CompletedTask;
        };

        var appending = fixture.State.AppendAsync(Members([.. Three, Fourth], fixture.Log.LeadershipTerm)).AsTask();
        Assert.Equal(["n1", "n2", "n3", "n4"], Names(fixture.Membership.Members));
        Assert.Equal(2, fixture.Log.LastEntryIndex);
        Assert.Equal(1, fixture.State.LastEntryIndex);
        Assert.Equal(0, rounds);

        inForce = true;
        Assert.Equal(2, await appending.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(2, fixture.State.LastEntryIndex);
        Assert.Equal(2, rounds);
    }

    [Fact]
    public async Task A_leader_whose_change_of_members_is_not_taken_over_in_time_steps_down_and_goes_on_as_a_follower()
    {
        await using var fixture = await LeaderAsync();
        var stepsDown = 0;
        fixture.Log.TakeOverBound = TimeSpan.FromMilliseconds(50);
        fixture.Log.IsInForce = _ => false;
        fixture.Log.TakeOverFailed = () => stepsDown++;
        var term = fixture.Log.LeadershipTerm;
        await Assert.ThrowsAsync<TooEarlyException>(() =>
            fixture.State.AppendAsync(Members([.. Three, Fourth], term)).AsTask()
        );
        Assert.Equal(1, stepsDown);
        Assert.Equal(1, fixture.State.LastEntryIndex);
        Assert.Empty(fixture.Fatal);

        await SendAsync(fixture, 3, Command(term + 1));
        Assert.Equal(3, fixture.State.LastEntryIndex);
    }

    [Fact]
    public async Task What_a_leader_hid_is_part_of_its_log_when_it_leads_no_more()
    {
        await using var fixture = await LeaderAsync();
        var term = fixture.Log.LeadershipTerm;
        fixture.Log.CompleteRoundAsync = _ => Task.FromException(new NotLeaderException());
        await Assert.ThrowsAsync<NotLeaderException>(() =>
            fixture.State.AppendAsync(Members([.. Three, Fourth], term)).AsTask()
        );
        Assert.Equal(1, fixture.State.LastEntryIndex);

        await SendAsync(fixture, 3, Command(term + 1));
        Assert.Equal(3, fixture.State.LastEntryIndex);
    }

    [Fact]
    public async Task A_leader_begins_no_change_before_the_last_one_is_committed()
    {
        await using var fixture = await LeaderAsync();
        var term = fixture.Log.LeadershipTerm;
        await fixture.State.AppendAsync(Members([.. Three, Fourth], term));
        var error = await Assert.ThrowsAsync<TooEarlyException>(() =>
            fixture.State.AppendAsync(Members(Three, term)).AsTask()
        );
        Assert.Contains("not agreed upon", error.Message, StringComparison.Ordinal);

        await fixture.State.CommitAsync(2);
        await fixture.State.AppendAsync(Members(Three, term));
    }

    [Fact]
    public async Task A_leader_begins_no_change_before_an_entry_of_its_own_is_committed()
    {
        await using var fixture = LogFixture.New();
        await SendAsync(fixture, 1, Command(1));
        await fixture.State.CommitAsync(1);
        await fixture.State.UpdateTermAsync(1, resetLastVote: true);
        var term = await fixture.State.IncrementTermAsync(Self);
        await fixture.State.AppendAsync(Command(term));
        await Assert.ThrowsAsync<TooEarlyException>(() =>
            fixture.State.AppendAsync(Members([.. Three, Fourth], term)).AsTask()
        );

        await fixture.State.CommitAsync(2);
        await fixture.State.AppendAsync(Members([.. Three, Fourth], term));
    }

    [Fact]
    public async Task A_leader_changes_one_member_at_a_time()
    {
        await using var fixture = await LeaderAsync();
        await Assert.ThrowsAsync<TooEarlyException>(() =>
            fixture.State.AppendAsync(Members([.. Three[..2], Fourth], fixture.Log.LeadershipTerm)).AsTask()
        );
        Assert.Equal(1, fixture.Log.LastEntryIndex);
    }

    [Fact]
    public async Task An_election_by_members_that_count_no_more_is_void()
    {
        await using var fixture = LogFixture.New();
        var won = 0;
        var inForce = false;
        fixture.Log.IsInForce = _ => inForce;
        fixture.Log.VoidElectionWon = () => won++;
        var term = await fixture.State.IncrementTermAsync(Self);
        inForce = true;
        await Assert.ThrowsAsync<NotElectedInTermException>(() => fixture.State.AppendAsync(Command(term)).AsTask());
        Assert.Equal(1, won);

        var next = await fixture.State.IncrementTermAsync(Self);
        Assert.Equal(1, await fixture.State.AppendAsync(Command(next)));
    }

    [Fact]
    public async Task The_configuration_that_comes_with_a_snapshot_takes_the_place_of_older_ones()
    {
        var fixture = LogFixture.New();
        await SendAsync(fixture, 1, Members([.. Three, Fourth], term: 1));
        var storage = fixture.Membership;
        var newer = new MemberSet([.. Three[..2], Fourth], _ => true, _ => null);
        Assert.True(await storage.SaveConfigurationAsync(newer, 7));
        Assert.False(await storage.SaveConfigurationAsync(newer, 7));

        Assert.Equal(["n1", "n2", "n4"], Names(fixture.Membership.Members));
        await using var reopened = await fixture.ReopenAsync();
        Assert.Equal(["n1", "n2", "n4"], Names(reopened.Membership.Members));
        Assert.Equal(7, reopened.Membership.AppliedIndex);
    }

    [Fact]
    public async Task What_another_member_has_applied_counts_until_the_log_has_something_newer()
    {
        await using var fixture = LogFixture.New();
        var told = Listen(fixture);
        await SendAsync(fixture, 1, Members([.. Three, Fourth], term: 1));
        fixture.Membership.Observe([.. Three[..2], Fourth], 3);
        Assert.Equal(["n1", "n2", "n4"], Names(fixture.Membership.Members));
        Assert.Equal(["n1", "n2", "n3"], Names(fixture.Membership.AppliedMembers));

        // What is in the log below it may go, and what it is may come.
        await SendAsync(fixture, 1, Command(2), Command(2), Members([.. Three[..2], Fourth], term: 2));
        Assert.Equal(["n1", "n2", "n4"], Names(fixture.Membership.Members));
        await SendAsync(fixture, 4, Members([.. Three, Fourth], term: 2));
        Assert.Equal(["n1", "n2", "n3", "n4"], Names(fixture.Membership.Members));
        fixture.Membership.Observe(Three, 2);
        Assert.Equal(4, fixture.Membership.Index);
        Assert.Equal([4, 3, 4], told);
    }

    [Fact]
    public void A_node_that_waits_to_be_added_votes_only_once_a_members_log_names_it_with_its_data()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        try
        {
            using var membership = MembershipStore.Open(
                OsFileSystem.Instance,
                Path.Combine(folder.FullName, "members"),
                "n4",
                "mine"
            );
            membership.Bootstrap([]);
            List<string> told = [];
            membership.ConfigurationChanged += (members, _) =>
            {
                told.Add(string.Join(",", members.Members.Cast<IPEndPoint>().Select(member => member.Port).Order()));
                return ValueTask.CompletedTask;
            };
            Assert.False(membership.MayVote);
            membership.ObserveAddition(Three);
            membership.ObserveAddition([.. Three, Fourth with { Incarnation = "of the one before" }]);
            Assert.False(membership.MayVote);
            Assert.Empty(told);

            membership.ObserveAddition([.. Three, Fourth with { Incarnation = "mine" }]);
            Assert.True(membership.MayVote);
            Assert.False(membership.HasSelf);
            Assert.Equal(["7001,7002,7003"], told);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<LogFixture> LeaderAsync()
    {
        var fixture = LogFixture.New();
        var term = await fixture.State.IncrementTermAsync(Self);
        await fixture.State.AppendAsync(Command(term));
        await fixture.State.CommitAsync(1);
        return fixture;
    }

    private static List<int> Listen(LogFixture fixture)
    {
        List<int> told = [];
        fixture.Membership.ConfigurationChanged += (IClusterConfiguration<EndPoint> members, CancellationToken _) =>
        {
            told.Add(members.Members.Count);
            return ValueTask.CompletedTask;
        };
        return told;
    }

    private static RaftEntry Command(long term) => new(LogFixture.LockEntry(1), term, null, isConfiguration: false);

    private static RaftEntry Members(Member[] members, long term) =>
        new(MemberCodec.Encode(members), term, null, isConfiguration: true);

    private static Task SendAsync(LogFixture fixture, long startIndex, params RaftEntry[] entries) =>
        fixture.ReceiveEntriesAsync(startIndex, entries);

    private static string[] Names(IEnumerable<Member> members) => [.. members.Select(member => member.Name)];
}
