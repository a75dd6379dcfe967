namespace RaftLocks.Cluster.Tests;

// Compares the nodes of a cluster: same index, same digest of the whole state, same head of the ledger.

/// <summary>Assertions about the replicas of a cluster.</summary>
internal static class Replicas
{
    // A young cluster has no digest yet, or one node has the first and another does not.
    private const long YoungIndex = 128;
    private static readonly TimeSpan CatchUpBound = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Waits until all running nodes have applied the same index, then compares every digest they have in common.
    /// </summary>
    public static async Task AgreeAsync(LocalCluster cluster)
    {
        var views = await Eventually.FindAsync(
            "all nodes at the same applied index, with a digest in common",
            CatchUpBound,
            async () =>
            {
                var seen = new List<ClusterView>();
                foreach (var node in cluster.Running)
                {
                    if (await node.Http.ClusterAsync() is not { } view)
                    {
                        return null;
                    }

                    seen.Add(view);
                }

                return
                    seen.Select(view => (view.AppliedIndex, view.Ledger.Index)).Distinct().Count() == 1
                    && (CommonIndexes(seen).Count > 0 || seen[0].AppliedIndex < YoungIndex)
                    ? seen
                    : null;
            }
        );

        Assert.Equal(cluster.Running.Count(), views.Count);
        foreach (var index in CommonIndexes(views))
        {
            Assert.Single(views.Select(view => view.Digests.Single(mark => mark.Index == index)).Distinct());
        }

        Assert.Single(views.Select(view => (view.Ledger.Position, view.Ledger.Ledger)).Distinct());
        Assert.Single(views.Select(view => (view.Live, view.Namespaces)).Distinct());
    }

    private static List<long> CommonIndexes(List<ClusterView> views) =>
        views
            .Select(view => view.Digests.Select(mark => mark.Index))
            .Aggregate((common, indexes) => common.Intersect(indexes))
            .ToList();
}
