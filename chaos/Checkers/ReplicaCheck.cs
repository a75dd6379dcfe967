// Replicas are equal at equal index: no two nodes ever published different digests or ledger heads for the same one.
namespace RaftLocks.Chaos.Checkers;

/// <summary>A digest that a node published.</summary>
/// <param name="Node">The node.</param>
/// <param name="Index">The index in the log.</param>
/// <param name="Digest">The digest of the state, with the ledger's head.</param>
public sealed record PublishedDigest(string Node, long Index, string Digest);

/// <summary>Compares what nodes published.</summary>
public static class ReplicaCheck
{
    /// <summary>Returns all violations.</summary>
    public static IEnumerable<Violation> Check(IEnumerable<PublishedDigest> published) =>
        from atIndex in published.Distinct().GroupBy(digest => digest.Index)
        where atIndex.Select(digest => digest.Digest).Distinct(StringComparer.Ordinal).Count() > 1
        select new Violation(
            "replicas are equal",
            $"at index {atIndex.Key}: {string.Join(", ", atIndex.Select(digest => $"{digest.Node} {digest.Digest}"))}"
        );

    /// <summary>How many indexes were published by more than one node, and so compared.</summary>
    public static int Compared(IEnumerable<PublishedDigest> published) =>
        published
            .GroupBy(digest => digest.Index)
            .Count(atIndex => atIndex.Select(digest => digest.Node).Distinct(StringComparer.Ordinal).Count() > 1);
}
