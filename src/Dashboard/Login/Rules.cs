// What rules allow, so that a page need not offer what the leader would refuse. The leader judges by its own.
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

internal static class Rules
{
    /// <summary>Whether a verb is allowed on each of these paths.</summary>
    public static bool Allow(
        IReadOnlyList<PolicyRuleInfo> rules,
        string verb,
        string ns,
        IReadOnlyList<Resource> resources
    ) =>
        resources.Count > 0
        && resources.All(resource =>
            rules.Any(rule =>
                rule.Verbs.Contains(verb, StringComparer.Ordinal) && IsAbout(rule, ns) && Covers(rule, resource.Path)
            )
        );

    /// <summary>Whether these are the same rules, in the same order.</summary>
    public static bool AreEqual(IReadOnlyList<PolicyRuleInfo> some, IReadOnlyList<PolicyRuleInfo> others) =>
        some.Count == others.Count && some.Zip(others).All(pair => AreEqual(pair.First, pair.Second));

    private static bool AreEqual(PolicyRuleInfo one, PolicyRuleInfo other) =>
        one.Namespace == other.Namespace
        && one.Prefix == other.Prefix
        && one.Verbs.SequenceEqual(other.Verbs, StringComparer.Ordinal)
        && (one.Path ?? []).SequenceEqual(other.Path ?? [], StringComparer.Ordinal);

    private static bool IsAbout(PolicyRuleInfo rule, string ns) =>
        rule.Prefix ? ns.StartsWith(rule.Namespace, StringComparison.Ordinal) : ns == rule.Namespace;

    private static bool Covers(PolicyRuleInfo rule, IReadOnlyList<string> path) =>
        (rule.Path ?? []) is var prefix && path.Take(prefix.Count).SequenceEqual(prefix, StringComparer.Ordinal);
}
