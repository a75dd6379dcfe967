// Every node's journal is proven by the node's own verifier, and agrees with the heads of all nodes: the one check that
// sees each event, not only those that a client could tell of.
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Runs <c>raftlocks verify</c>.</summary>
internal static class JournalCheck
{
    private const int Proven = 0;
    private const int ProvenWithGaps = 3;

    /// <summary>
    /// All violations, while the nodes run; and what was said of the journals that are proven, a line for each.
    /// </summary>
    public static async Task<(IReadOnlyList<string> Proven, IReadOnlyList<Violation> Violations)> CheckAsync(
        ICluster cluster
    )
    {
        var (proven, violations) = (new List<string>(), new List<Violation>());
        var all = await Task.WhenAll(cluster.Nodes.Select(async node => (Node: node, Found: await node.VerifyAsync())));
        foreach (var (node, (code, words)) in all)
        {
            // A node that got a snapshot has a gap, and says so.
            if (code is Proven or ProvenWithGaps)
            {
                proven.Add($"{node.Name}: {Coverage(words)}");
            }
            else
            {
                violations.Add(new Violation("journals are proven", $"{node.Name}'s is not (code {code}): {words}"));
            }
        }

        return (proven, violations);
    }

    private static string Coverage(string words) =>
        words
            .Split('\n')
            .Select(line => line.Trim())
            .FirstOrDefault(line => line.StartsWith("covers", StringComparison.Ordinal))
        ?? "";
}
