// Which members are restarted next: followers first, the leader last, so that leadership changes hands once.
namespace RaftLocks.Cli.Upgrade;

internal static class UpgradeOrder
{
    private const int OldAndNew = 2;

    /// <summary>
    /// What can be done next. With a target that is one path, which is empty at the end. Without one, an upgrade or a
    /// rolling back that is under way has two: on, and back. Where all run the same version, whatever comes next begins
    /// with the same member.
    /// </summary>
    public static IReadOnlyList<UpgradePath> Of(UpgradeFacts facts)
    {
        if (facts.Target is { } target)
        {
            return [new UpgradePath(target, Without(facts, target))];
        }

        var versions = VersionsOf(facts);
        return versions.Count switch
        {
            1 => [new UpgradePath(null, Ordered(facts, facts.Answering))],
            OldAndNew => [.. versions.Select(version => new UpgradePath(version, Without(facts, version)))],
            _ => [],
        };
    }

    /// <summary>The versions that the members run, the newest first.</summary>
    public static IReadOnlyList<string> VersionsOf(UpgradeFacts facts) =>
        [
            .. facts
                .Answering.Where(member => member.State.Version is not null)
                .GroupBy(member => member.State.Version!, StringComparer.Ordinal)
                .OrderByDescending(group => group.Max(member => member.State.Understands))
                .ThenByDescending(group => Releases.Number(group.Key))
                .ThenByDescending(group => group.Key, StringComparer.Ordinal)
                .Select(group => group.Key),
        ];

    private static IReadOnlyList<string> Without(UpgradeFacts facts, string version) =>
        Ordered(facts, facts.Answering.Where(member => member.State.Version != version));

    private static IReadOnlyList<string> Ordered(
        UpgradeFacts facts,
        IEnumerable<(string Name, MemberState State)> members
    )
    {
        var leader = facts.Leader;
        return
        [
            .. members
                .Select(member => member.Name)
                .OrderBy(name => name == leader)
                .ThenBy(name => name, StringComparer.Ordinal),
        ];
    }
}
