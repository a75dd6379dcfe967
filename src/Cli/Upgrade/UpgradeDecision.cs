// Whether a cluster is ready for the next step of a rolling upgrade, or of a rolling back: facts in, findings out. It
// asks nobody, and knows no clock.
using RaftLocks.StateMachine.Codec;

namespace RaftLocks.Cli.Upgrade;

internal static class UpgradeDecision
{
    /// <summary>Entries that a member may be behind: as many as a node may be that calls itself ready.</summary>
    public const long MaxLag = 1_000;

    private const int MaxVersions = 2;

    /// <summary>Decides.</summary>
    public static UpgradeReport Of(UpgradeFacts facts)
    {
        var paths = UpgradeOrder.Of(facts);
        return new UpgradeReport(
            [
                .. Silent(facts),
                .. Leaderless(facts),
                .. facts.Answering.SelectMany(member => NotWell(facts, member.Name, member.State)),
                .. facts.Answering.SelectMany(member => Alarms(member.Name, member.State)),
                .. Changing(facts),
                .. NoMembers(facts),
                .. UnclearVersions(facts),
                .. TooOld(facts),
                .. TooFewWithoutNext(facts, paths),
            ],
            paths,
            UpgradeNotes.Of(facts, paths)
        );
    }

    /// <summary>How many entries a member is behind.</summary>
    public static long LagOf(UpgradeFacts facts, MemberState state) => Math.Max(0, facts.Committed - state.Applied);

    private static IEnumerable<Reason> Silent(UpgradeFacts facts) =>
        facts
            .Members.Where(member => member.State is null)
            .Select(member => new Reason(
                ReasonKind.MemberSilent,
                member.Name,
                $"{member.Name} ({member.Address}) does not answer: start it, and wait until it has caught up."
            ));

    private static IEnumerable<Reason> Leaderless(UpgradeFacts facts)
    {
        if (facts.Leader is null)
        {
            yield return new Reason(
                ReasonKind.NoLeader,
                Member: null,
                "No member leads: wait for the election. If none leads after some seconds, look at the members' logs "
                    + "and at the network between them."
            );
        }
    }

    /// <summary>What keeps a member from taking over, the first reason of three.</summary>
    private static IEnumerable<Reason> NotWell(UpgradeFacts facts, string name, MemberState state)
    {
        if (state.NotReady is { } why)
        {
            yield return new Reason(
                ReasonKind.MemberNotReady,
                name,
                $"{name} is not ready ({why.TrimEnd('.')}): wait, and look at its log if it stays so."
            );
        }
        else if (facts.Leader is { } leader && state.Leader != leader)
        {
            yield return new Reason(
                ReasonKind.OtherLeader,
                name,
                $"{leader} leads, and {name} follows {state.Leader ?? "nobody"}: wait until it follows {leader}. "
                    + "If it stays so, look at the network between the two."
            );
        }
        else if (LagOf(facts, state) is > MaxLag and var lag)
        {
            yield return new Reason(
                ReasonKind.MemberBehind,
                name,
                $"{name} is {lag} entries behind: wait until it has caught up."
            );
        }
    }

    private static IEnumerable<Reason> Alarms(string name, MemberState state) =>
        state.Alarms.Select(alarm => new Reason(
            ReasonKind.Alarm,
            name,
            $"{name} raises an alarm ({alarm.TrimEnd('.')}): see to that first."
        ));

    private static IEnumerable<Reason> Changing(UpgradeFacts facts)
    {
        foreach (var (name, state) in facts.Answering)
        {
            if (state.Adding is { } added)
            {
                yield return new Reason(
                    ReasonKind.MembersChanging,
                    name,
                    $"{added} is being added as a member: wait until it is one, or has failed to be."
                );
            }

            if (state.HasUnappliedMembers)
            {
                yield return new Reason(
                    ReasonKind.MembersChanging,
                    name,
                    $"A change of the members is not in force on {name} yet: wait until it is."
                );
            }
        }

        var lists = facts
            .Answering.GroupBy(member => string.Join(", ", member.State.Members), StringComparer.Ordinal)
            .ToList();
        if (lists.Count > 1)
        {
            var said = lists.Select(list => $"{string.Join(", ", list.Select(member => member.Name))}: {list.Key}");
            yield return new Reason(
                ReasonKind.MembersChanging,
                Member: null,
                $"Not all have the same list of members ({string.Join("; ", said)}): wait until they have."
            );
        }
    }

    private static IEnumerable<Reason> NoMembers(UpgradeFacts facts) =>
        facts.Others.Select(name => new Reason(
            ReasonKind.NoMember,
            name,
            $"{name} answers and is no member: add it (raftlocks member add), or leave its address out."
        ));

    private static IEnumerable<Reason> UnclearVersions(UpgradeFacts facts)
    {
        foreach (var (name, _) in facts.Answering.Where(member => member.State.Version is null))
        {
            yield return new Reason(
                ReasonKind.VersionUnknown,
                name,
                $"{name} does not say which version it runs: look at what was started there "
                    + "(raftlocks-node --version)."
            );
        }

        if (facts.Target is null && UpgradeOrder.VersionsOf(facts) is { Count: > MaxVersions } versions)
        {
            yield return new Reason(
                ReasonKind.SeveralVersions,
                Member: null,
                $"The members run {versions.Count} versions ({string.Join(", ", versions)}): say with --to which one "
                    + "all are to run."
            );
        }
    }

    private static IEnumerable<Reason> TooOld(UpgradeFacts facts)
    {
        var level = facts.Level;
        if (level > Releases.HighestLevel)
        {
            return
            [
                new Reason(
                    ReasonKind.CommandTooOld,
                    Member: null,
                    $"This raftlocks knows feature levels up to {Releases.HighestLevel}, and level {level} is in "
                        + "force: ask with the raftlocks of the version that the members run."
                ),
            ];
        }

        return facts
            .Answering.Where(member =>
                member.State.Understands < level || member.State.ReadsSnapshots < Versions.SnapshotAt(level)
            )
            .Select(member => new Reason(
                ReasonKind.MemberTooOld,
                member.Name,
                $"{member.Name} runs a version that is too old for feature level {level}, which is in force: start "
                    + $"{Releases.First(level)} or newer on its data."
            ))
            .Concat(TooOldTarget(facts, level));
    }

    private static IEnumerable<Reason> TooOldTarget(UpgradeFacts facts, int level)
    {
        if (facts.Target is not { } target || UnderstoodBy(facts, target) is not { } understood)
        {
            yield break;
        }

        if (understood < level)
        {
            yield return new Reason(
                ReasonKind.TargetTooOld,
                Member: null,
                $"{target} does not understand feature level {level}, which is in force: there is no way back to it. "
                    + $"Choose {Releases.First(level)} or newer."
            );
        }
        else if (facts.RisingTo is { } next && next <= Releases.HighestLevel && understood < next)
        {
            yield return new Reason(
                ReasonKind.LevelRising,
                Member: null,
                $"{target} does not understand feature level {next}, to which the leader is about to raise the "
                    + "cluster: ask again in some seconds. It is too late for a way back to it then."
            );
        }
    }

    /// <summary>The level that a version understands: as a member says that runs it, or by the releases.</summary>
    private static int? UnderstoodBy(UpgradeFacts facts, string version)
    {
        var said = facts
            .Answering.Where(member => member.State.Version == version)
            .Select(member => (int?)member.State.Understands)
            .Min();
        return said ?? Releases.LevelOf(version);
    }

    private static IEnumerable<Reason> TooFewWithoutNext(UpgradeFacts facts, IReadOnlyList<UpgradePath> paths)
    {
        if (facts.Members.Count == 1 && paths.Any(path => path.Members.Count > 0))
        {
            return
            [
                new Reason(
                    ReasonKind.NoMajority,
                    facts.Members[0].Name,
                    $"{facts.Members[0].Name} is the only member, and nobody serves while it is restarted. Its locks "
                        + "stay held. Do it when that may be, or add two members first (raftlocks member add)."
                ),
            ];
        }

        return paths
            .Where(path => path.Members.Count > 0)
            .Select(path => path.Members[0])
            .Distinct(StringComparer.Ordinal)
            .Select(next => (Next: next, Left: facts.Answering.Count(member => IsWellWithout(facts, member, next))))
            .Where(each => each.Left < facts.Majority)
            .Select(each => new Reason(
                ReasonKind.NoMajority,
                each.Next,
                $"Without {each.Next} only {each.Left} of {facts.Members.Count} members would be ready, and "
                    + $"{facts.Majority} are needed: bring the others back first."
            ));
    }

    private static bool IsWellWithout(UpgradeFacts facts, (string Name, MemberState State) member, string next) =>
        member.Name != next && !NotWell(facts, member.Name, member.State).Any();
}
