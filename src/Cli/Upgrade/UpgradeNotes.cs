// What an operator should know beside whether the cluster is ready: the feature level, and the way back.
namespace RaftLocks.Cli.Upgrade;

internal static class UpgradeNotes
{
    /// <summary>The notes, a sentence or two each.</summary>
    public static IReadOnlyList<string> Of(UpgradeFacts facts, IReadOnlyList<UpgradePath> paths) =>
        [.. new[] { Level(facts), WayBack(facts), Begin(facts, paths) }.OfType<string>()];

    /// <summary>Whether the level can be raised, and how.</summary>
    private static string? Level(UpgradeFacts facts)
    {
        var (level, understood) = (facts.Level, facts.Answering.Select(member => member.State.Understands).ToList());
        if (understood.Count == 0)
        {
            return null;
        }

        if (facts.RisingTo is { } next)
        {
            return $"Feature level {level} is in force, and all members understand level {next}: the leader raises it "
                + "by itself, within seconds.";
        }

        if (understood.Max() <= level)
        {
            return $"Feature level {level} is in force, the highest that the members understand.";
        }

        var missing = facts.Members.Where(member => member.State is null || member.State.Understands <= level);
        return $"Feature level {level} is in force. The leader raises it by itself when all members answer that they "
            + $"understand more; missing: {string.Join(", ", missing.Select(Described))}.";
    }

    /// <summary>To which versions the members can still go back.</summary>
    private static string? WayBack(UpgradeFacts facts) =>
        (Releases.First(facts.Level), facts.RisingTo) switch
        {
            (null, _) => null,
            (var now, { } next) when Releases.First(next) != now =>
                $"There is a way back to each version from {now} on, until the level is raised."
                    + (Releases.First(next) is { } then ? $" Then only to those from {then} on." : ""),
            var (now, _) => $"There is a way back to each version from {now} on.",
        };

    private static string? Begin(UpgradeFacts facts, IReadOnlyList<UpgradePath> paths) =>
        UpgradeOrder.VersionsOf(facts).Count == 1 && paths.Any(path => path.Members.Count > 0)
            ? "Before the first member: raftlocks snapshot save FILE."
            : null;

    private static string Described(SeenMember member) =>
        member.State is { } state
            ? $"{member.Name} ({state.Version ?? "unknown version"}, level {state.Understands})"
            : $"{member.Name} (does not answer)";
}
