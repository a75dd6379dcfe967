// Looks at the cluster from outside, once a second: who leads, which digests each node publishes, how many locks were
// granted.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Testbed;
using RaftLocks.Chaos.Workload;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos;

/// <summary>One sample of all nodes.</summary>
internal sealed record Sample(double AtMs, string? Leader, long Term, int Grants);

/// <summary>Looks again and again.</summary>
internal sealed class Watch(ICluster cluster, Clock clock, Func<int> grants)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly HashSet<PublishedDigest> digests = [];
    private readonly List<Sample> samples = [];

    public IReadOnlyCollection<PublishedDigest> Digests => digests;

    public IReadOnlyList<Sample> Samples => samples;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await LookAsync();
            await Task.Delay(Every, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task LookAsync()
    {
        var views = await Task.WhenAll(cluster.Running().ToArray().Select(node => node.Http.ClusterAsync()));
        var seen = views.OfType<ClusterView>().ToArray();
        foreach (var view in seen)
        {
            digests.UnionWith(
                view.Digests.Select(digest => new PublishedDigest(
                    view.Name,
                    digest.Index,
                    digest.Digest + " " + digest.Ledger
                ))
            );
        }

        var leader = seen.Where(view => view.Role == "leader").MaxBy(view => view.Term);
        samples.Add(new Sample(clock.Now, leader?.Name, leader?.Term ?? 0, grants()));
    }
}
