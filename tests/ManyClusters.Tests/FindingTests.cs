// Plans that once broke a promise, or break it as soon as one line of the node is wrong (planted-bugs.sh). Each stays,
// with what was wrong.
using RaftLocks.ManyClusters.Plans;
using RaftLocks.ManyClusters.Run;

namespace RaftLocks.ManyClusters;

/// <summary>What schedules have found.</summary>
public class FindingTests
{
    /// <summary>Members counted only when their entry was applied, and after a restart those of the members file. A
    /// follower that could not write that file was killed; back again it was elected by two of three, while three of
    /// five had committed something else: the same lock was held twice.
    /// </summary>
    [Fact]
    public Task Two_changes_of_members_in_a_row_make_no_second_majority_of_one_that_is_behind() =>
        PlayAsync(
            """
            {"Seed":109,"Family":"two changes, one member behind","InitialMembers":3,"Steps":[{"Kind":"HangDisk","AtMs":639,"Machine":-2,"ForMs":2000,"Part":"/members"},{"Kind":"AddMember","AtMs":659},{"Kind":"AddMember","AtMs":660},{"Kind":"AwaitChanges","AtMs":679},{"Kind":"SplitBehind","AtMs":784,"Machine":-2,"ForMs":1600}],"LengthMs":3200}
            """
        );

    /// <summary>
    /// The same with a member that was replaced, and came back beside the one that had not written down that it was.
    /// </summary>
    [Fact]
    public Task A_member_that_was_replaced_makes_no_majority_with_one_that_is_behind() =>
        PlayAsync(
            """
            {"Seed":203,"Family":"a replacement, one member behind","InitialMembers":3,"Steps":[{"Kind":"HangDisk","AtMs":514,"Machine":-2,"ForMs":2000,"Part":"/members"},{"Kind":"Kill","AtMs":524,"Machine":-3,"ForMs":766},{"Kind":"AddMember","AtMs":534,"Machine":-3},{"Kind":"RemoveMember","AtMs":535,"Machine":-3},{"Kind":"AwaitChanges","AtMs":554},{"Kind":"SplitBehind","AtMs":649,"Machine":-2,"ForMs":1600}],"LengthMs":3200}
            """
        );

    /// <summary>
    /// A leader whose disk hung kept its leadership: it heard from the others, and committed nothing any more.
    /// </summary>
    [Fact]
    public Task A_leader_whose_disk_hangs_is_replaced() =>
        PlayAsync(
            """
            {"Seed":312,"Family":"a sick minority","InitialMembers":3,"Steps":[{"Kind":"HangDisk","AtMs":429,"Machine":-1,"ForMs":4300,"Others":2}],"LengthMs":4500}
            """
        );

    /// <summary>The same with the log alone.</summary>
    [Fact]
    public Task A_leader_whose_log_hangs_is_replaced() =>
        PlayAsync(
            """
            {"Seed":326,"Family":"a sick minority","InitialMembers":3,"Steps":[{"Kind":"HangDisk","AtMs":569,"Machine":-1,"ForMs":4300,"Others":3,"Part":"/log"}],"LengthMs":4500}
            """
        );

    /// <summary>
    /// Two leaders of one term, if a voter forgets its vote: it has voted, and has nothing else of that term.
    /// </summary>
    [Fact]
    public Task A_vote_outlives_a_power_cut() =>
        PlayAsync(
            """
            {"Seed":1,"Family":"a vote before a power cut","InitialMembers":3,"Steps":[{"Kind":"HangDisk","AtMs":595,"Machine":2,"ForMs":405,"Part":"/log"},{"Kind":"Kill","AtMs":600,"Machine":0,"ForMs":320},{"Kind":"Isolate","AtMs":900,"Machine":1,"ForMs":1500},{"Kind":"PowerCut","AtMs":901,"Machine":2,"ForMs":20}],"LengthMs":2700}
            """
        );

    private static async Task PlayAsync(string plan)
    {
        const int Times = 3;
        var campaign = new Campaign(
            new CampaignOptions(TimeSpan.FromMinutes(2), Seed: 0, Parallel: Times)
            {
                Only = Plan.Parse(plan),
                AtMost = Times,
            },
            static _ => { }
        );
        Assert.True(await campaign.RunAsync(), string.Join('\n', campaign.Failed.Select(Campaign.Describe)));
        Assert.Equal(Times, campaign.Played);
    }
}
