// Every node's journal is proven by the node's own verifier, and agrees with the heads of all nodes: the one check that sees each event, not only
// those that a client could tell of.
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Runs <c>raftlocks-node verify</c>.</summary>
public static class JournalCheck
{
    private const int Proven = 0;
    private const int ProvenWithGaps = 3;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    /// <summary>All violations, while the nodes run.</summary>
    public static async Task<IReadOnlyList<Violation>> CheckAsync(LocalCluster cluster)
    {
        var violations = new List<Violation>();
        var heads = cluster.Nodes.SelectMany(node => new[] { "--head", node.Url.ToString() }).ToArray();
        foreach (var node in cluster.Nodes)
        {
            await using var verify = new NodeProcess("verify", url: null, Path.GetTempPath(), ["verify", cluster.DataOf(node.Name), .. heads]);
            verify.Start();

            // A node that got a snapshot has a gap, and says so.
            if (await verify.WaitForExitAsync(Bound) is not (Proven or ProvenWithGaps) and var code)
            {
                violations.Add(new Violation("journals are proven", $"{node.Name}'s is not (code {code}): {verify.Log}"));
            }
        }

        return violations;
    }
}
