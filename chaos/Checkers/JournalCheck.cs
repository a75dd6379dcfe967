// Every node's journal is proven by the node's own verifier, and agrees with the heads of all nodes: the one check that sees each event, not only
// those that a client could tell of.
using RaftLocks.Chaos.Stage;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Runs <c>raftlocks-node verify</c>.</summary>
internal static class JournalCheck
{
    private const int Proven = 0;
    private const int ProvenWithGaps = 3;

    /// <summary>All violations, while the nodes run.</summary>
    public static async Task<IReadOnlyList<Violation>> CheckAsync(ICluster cluster)
    {
        var violations = new List<Violation>();
        foreach (var node in cluster.Nodes)
        {
            // A node that got a snapshot has a gap, and says so.
            if (await node.VerifyAsync() is { Code: not (Proven or ProvenWithGaps) } found)
            {
                violations.Add(new Violation("journals are proven", $"{node.Name}'s is not (code {found.Code}): {found.Words}"));
            }
        }

        return violations;
    }
}
