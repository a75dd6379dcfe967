// Whether a cluster is ready for the next step of a rolling upgrade: each reason planted once, and nothing else found.
using RaftLocks.Cli.Upgrade;
using RaftLocks.StateMachine.Codec;

namespace RaftLocks.Cli.Tests;

public class UpgradeDecisionTests
{
    private const string Old = "0.1.0";
    private const string New = "0.2.0";
    private const long Committed = 50_000;

    [Fact]
    public void A_cluster_that_is_well_is_ready_and_its_leader_is_the_last()
    {
        var report = UpgradeDecision.Of(Cluster(Old, Old, Old));

        Assert.True(report.IsReady);
        var path = Assert.Single(report.Paths);
        Assert.Null(path.Version);
        Assert.Equal(["n2", "n3", "n1"], path.Members);
        Assert.Equal(
            [
                "Feature level 2 is in force, the highest that the members understand.",
                "There is a way back to each version from 0.1.0 on.",
                "Before the first member: raftlocks snapshot save FILE.",
            ],
            report.Notes
        );
    }

    [Fact]
    public void Half_way_there_is_a_way_on_and_a_way_back()
    {
        var report = UpgradeDecision.Of(Cluster(Old, New, Old));

        Assert.True(report.IsReady);
        Assert.Equal([New, Old], report.Paths.Select(path => path.Version));
        Assert.Equal(["n3", "n1"], report.Paths[0].Members);
        Assert.Equal(["n2"], report.Paths[1].Members);
        Assert.Equal(
            [
                "Feature level 2 is in force. The leader raises it by itself when all members answer that they "
                    + "understand more; missing: n1 (0.1.0, level 2), n3 (0.1.0, level 2).",
                "There is a way back to each version from 0.1.0 on.",
            ],
            report.Notes
        );
    }

    [Fact]
    public void Half_way_with_a_target_there_is_one_way()
    {
        Assert.Equal(["n3", "n1"], OnlyPath(Cluster(Old, New, Old) with { Target = New }).Members);
        Assert.Equal(["n2"], OnlyPath(Cluster(Old, New, Old) with { Target = Old }).Members);

        static UpgradePath OnlyPath(UpgradeFacts facts)
        {
            var report = UpgradeDecision.Of(facts);
            Assert.True(report.IsReady);
            return Assert.Single(report.Paths);
        }
    }

    [Fact]
    public void After_the_last_one_the_level_rises_and_then_there_is_no_way_back()
    {
        var rising = UpgradeDecision.Of(Cluster(New, New, New) with { Target = New });
        var risen = UpgradeDecision.Of(At(3, Cluster(New, New, New)) with { Target = New });

        Assert.True(rising.IsReady);
        Assert.Empty(Assert.Single(rising.Paths).Members);
        Assert.Equal(
            [
                "Feature level 2 is in force, and all members understand level 3: the leader raises it by itself, "
                    + "within seconds.",
                "There is a way back to each version from 0.1.0 on, until the level is raised. Then only to those "
                    + "from 0.2.0 on.",
            ],
            rising.Notes
        );
        Assert.True(risen.IsReady);
        Assert.Equal(
            [
                "Feature level 3 is in force, the highest that the members understand.",
                "There is a way back to each version from 0.2.0 on.",
            ],
            risen.Notes
        );
    }

    public static TheoryData<string, string?, string> Planted =>
        new()
        {
            { "MemberSilent", "n2", "n2 (http://n2) does not answer: start it" },
            { "NoLeader", null, "No member leads: wait for the election." },
            { "MemberNotReady", "n2", "n2 is not ready (elected, but does not serve yet): wait" },
            { "OtherLeader", "n2", "n1 leads, and n2 follows n3: wait until it follows n1." },
            { "MemberBehind", "n2", "n2 is 1001 entries behind: wait until it has caught up." },
            { "Alarm", "n2", "n2 raises an alarm (the disk is full): see to that first." },
            { "Adding", "n1", "n4 is being added as a member: wait" },
            { "NotApplied", "n2", "A change of the members is not in force on n2 yet: wait" },
            { "OtherMembers", null, "Not all have the same list of members (n1, n3: a, b, c; n2: a, b): wait" },
            { "NoMember", "n4", "n4 answers and is no member: add it (raftlocks member add), or leave" },
            { "VersionUnknown", "n2", "n2 does not say which version it runs: look" },
            { "SeveralVersions", null, "The members run 3 versions (0.3.0, 0.2.0, 0.1.0): say with --to" },
            { "MemberTooOld", "n2", "n2 runs a version that is too old for feature level 3" },
            { "SnapshotTooNew", "n2", "n2 runs a version that is too old for feature level 3" },
            { "TargetTooOld", null, "0.1.0 does not understand feature level 3, which is in force" },
            { "LevelRising", null, "0.1.0 does not understand feature level 3, to which the leader is about" },
            { "CommandTooOld", null, "This raftlocks knows feature levels up to 3, and level 4 is in force: ask" },
            { "OnlyMember", "n1", "n1 is the only member, and nobody serves while it is restarted." },
        };

    [Theory]
    [MemberData(nameof(Planted))]
    public void Each_reason_is_found_and_no_other(string what, string? member, string text)
    {
        var kind = what switch
        {
            "Adding" or "NotApplied" or "OtherMembers" => ReasonKind.MembersChanging,
            "SnapshotTooNew" => ReasonKind.MemberTooOld,
            "OnlyMember" => ReasonKind.NoMajority,
            _ => Enum.Parse<ReasonKind>(what),
        };
        var report = UpgradeDecision.Of(Plant(what));

        Assert.False(report.IsReady);
        var reason = Assert.Single(report.Reasons);
        Assert.Equal((kind, member), (reason.Kind, reason.Member));
        Assert.StartsWith(text, reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_reason_is_planted()
    {
        var planted = Planted.Select(row => UpgradeDecision.Of(Plant((string)row[0])).Reasons[0].Kind);

        Assert.Equal(Enum.GetValues<ReasonKind>(), planted.Distinct().Order());
    }

    [Fact]
    public void Without_the_next_member_a_majority_must_be_ready()
    {
        var report = UpgradeDecision.Of(Change(Cluster(Old, Old, Old), "n3", state => null));

        Assert.Equal([ReasonKind.MemberSilent, ReasonKind.NoMajority], report.Reasons.Select(reason => reason.Kind));
        Assert.Equal(
            "Without n2 only 1 of 3 members would be ready, and 2 are needed: bring the others back first.",
            report.Reasons[1].Text
        );
    }

    [Fact]
    public void A_member_that_is_behind_does_not_count_as_one_that_stays()
    {
        var report = UpgradeDecision.Of(
            Change(Cluster(Old, Old, Old), "n3", state => state with { Applied = Committed - 5000 })
        );

        Assert.Equal([ReasonKind.MemberBehind, ReasonKind.NoMajority], report.Reasons.Select(reason => reason.Kind));
    }

    [Fact]
    public void Of_two_members_none_can_be_spared()
    {
        var two = Cluster(Old, Old, Old);

        var report = UpgradeDecision.Of(two with { Members = [.. two.Members.Take(2)] });

        Assert.Equal("n2", Assert.Single(report.Reasons).Member);
    }

    [Fact]
    public void A_lag_within_the_bound_is_none_and_being_ahead_is_fine()
    {
        var facts = Change(
            Cluster(Old, Old, Old),
            "n2",
            state => state with { Applied = Committed - UpgradeDecision.MaxLag }
        );

        Assert.True(UpgradeDecision.Of(facts).IsReady);
        Assert.Equal(0, UpgradeDecision.LagOf(facts with { Committed = 1 }, facts.Members[0].State!));
    }

    [Fact]
    public void A_target_that_nobody_knows_yet_is_no_reason() =>
        Assert.True(UpgradeDecision.Of(At(3, Cluster(New, New, New)) with { Target = "0.9.0-rc.1" }).IsReady);

    [Fact]
    public void What_a_member_of_the_target_s_version_says_counts_more_than_the_list_of_releases() =>
        Assert.True(
            UpgradeDecision
                .Of(
                    Change(
                        At(3, Cluster(New, New, New)),
                        "n2",
                        state => state with { Version = "0.1.9", Understands = 3, ReadsSnapshots = 2 }
                    ) with
                    {
                        Target = "0.1.9",
                    }
                )
                .IsReady
        );

    [Fact]
    public void Three_versions_are_fine_where_the_target_is_said()
    {
        var report = UpgradeDecision.Of(Plant("SeveralVersions") with { Target = New });

        Assert.True(report.IsReady);
        Assert.Equal(["n3", "n1"], Assert.Single(report.Paths).Members);
    }

    [Theory]
    [InlineData("0.1.0", 2)]
    [InlineData("0.1.7", 2)]
    [InlineData("0.2.0-alpha.0.12", 3)]
    [InlineData("0.2.0~alpha.0.12", 3)]
    [InlineData("7.0.0", 3)]
    [InlineData("0.0.9", 0)]
    [InlineData("unknown", null)]
    [InlineData("0.2", null)]
    public void What_a_version_understands(string version, int? level) =>
        Assert.Equal(level, Releases.LevelOf(version));

    [Fact]
    public void The_releases_are_those_of_the_documents_and_know_each_level()
    {
        var page = File.ReadAllText(Path.Combine(NodeBinary.RepositoryRoot, "docs", "operations.md"));

        Assert.Equal(Versions.SupportedFeatureLevel, Releases.HighestLevel);
        Assert.All(
            Enumerable.Range(1, Releases.HighestLevel),
            level => Assert.Contains($"\n| {level} | {Releases.First(level)} | ", page, StringComparison.Ordinal)
        );
        Assert.Null(Releases.First(0));
        Assert.Null(Releases.First(Releases.HighestLevel + 1));
    }

    private static UpgradeFacts Plant(string what) =>
        what switch
        {
            "MemberSilent" => Change(Five(), "n2", _ => null),
            "NoLeader" => Cluster(Old, Old, Old) is var all
                ? all with
                {
                    Target = Old,
                    Members = [.. all.Members.Select(member => member with { State = Leaderless(member.State!) })],
                }
                : all,
            "MemberNotReady" => Change(
                Five(),
                "n2",
                state => state with { NotReady = "elected, but does not serve yet" }
            ),
            "OtherLeader" => Change(Five(), "n2", state => state with { Leader = "n3" }),
            "MemberBehind" => Change(
                Five(),
                "n2",
                state => state with { Applied = Committed - UpgradeDecision.MaxLag - 1 }
            ),
            "Alarm" => Change(Cluster(Old, Old, Old), "n2", state => state with { Alarms = ["the disk is full."] }),
            "Adding" => Change(Cluster(Old, Old, Old), "n1", state => state with { Adding = "n4" }),
            "NotApplied" => Change(Cluster(Old, Old, Old), "n2", state => state with { HasUnappliedMembers = true }),
            "OtherMembers" => Change(Cluster(Old, Old, Old), "n2", state => state with { Members = ["a", "b"] }),
            "NoMember" => Cluster(Old, Old, Old) with { Others = ["n4"] },
            "VersionUnknown" => Change(Cluster(Old, Old, Old), "n2", state => state with { Version = null }),
            "SeveralVersions" => Change(Cluster(Old, New, New), "n3", state => state with { Version = "0.3.0" }),
            "MemberTooOld" => Change(At(3, Cluster(New, New, New)), "n2", state => state with { Understands = 2 }),
            "SnapshotTooNew" => Change(At(3, Cluster(New, New, New)), "n2", state => state with { ReadsSnapshots = 1 }),
            "TargetTooOld" => At(3, Cluster(New, New, New)) with { Target = Old },
            "LevelRising" => Cluster(New, New, New) with { Target = Old },
            "CommandTooOld" => At(4, Cluster(New, New, New)),
            "OnlyMember" => Cluster(New, New, New) is var all ? all with { Members = [all.Members[0]] } : all,
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, message: null),
        };

    private static MemberState Leaderless(MemberState state) => state with { Role = "candidate", Leader = null };

    /// <summary>A cluster that can spare one more than the next.</summary>
    private static UpgradeFacts Five()
    {
        var three = Cluster(Old, Old, Old);
        return three with { Members = [.. three.Members, Member("n4", Old), Member("n5", Old)] };
    }

    /// <summary>Three members at feature level 2 that are well, n1 leads.</summary>
    private static UpgradeFacts Cluster(params string[] versions) =>
        new([.. versions.Select((version, i) => Member($"n{i + 1}", version))], Others: [], Committed, Target: null);

    private static SeenMember Member(string name, string version)
    {
        var isNew = version != Old;
        return new SeenMember(
            name,
            $"http://{name}",
            new MemberState(
                name == "n1" ? "leader" : "follower",
                Term: 7,
                Leader: "n1",
                Committed,
                version,
                FeatureLevel: 2,
                Understands: isNew ? 3 : 2,
                ReadsSnapshots: isNew ? 2 : 1
            )
            {
                Members = ["a", "b", "c"],
            }
        );
    }

    private static UpgradeFacts At(int level, UpgradeFacts facts) =>
        facts with
        {
            Members = [.. facts.Members.Select(member => member with { State = Raised(member.State!, level) })],
        };

    private static MemberState Raised(MemberState state, int level) => state with { FeatureLevel = level };

    private static UpgradeFacts Change(UpgradeFacts facts, string name, Func<MemberState, MemberState?> change) =>
        facts with
        {
            Members =
            [
                .. facts.Members.Select(member =>
                    member.Name == name ? member with { State = change(member.State!) } : member
                ),
            ],
        };
}
