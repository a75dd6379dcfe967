// The cluster under test as the run sees it, whatever its nodes are: processes here, or containers.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Faults;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Testbed;

/// <summary>A node.</summary>
internal interface INode
{
    string Name { get; }

    /// <summary>Where clients reach it.</summary>
    Uri Url { get; }

    NodeHttp Http { get; }

    bool IsRunning { get; }

    bool IsFrozen { get; }

    /// <summary>How it ended, if it did, and what it said last.</summary>
    string LastWords { get; }

    /// <summary>All that it said, as far as it is kept.</summary>
    Task<string> LogAsync();

    /// <summary>Ends it without warning.</summary>
    Task KillAsync();

    /// <summary>Asks it to end, and waits until it has.</summary>
    Task StopAsync();

    Task StartAsync();

    Task FreezeAsync();

    Task ThawAsync();

    /// <summary>
    /// Runs <c>raftlocks verify</c> over its journal, against the heads of all nodes: exit code and words.
    /// </summary>
    Task<(int Code, string Words)> VerifyAsync();
}

/// <summary>A cluster.</summary>
internal interface ICluster : IAsyncDisposable
{
    IReadOnlyList<INode> Nodes { get; }

    /// <summary>What lets in an administrator; null if nobody is let in from here.</summary>
    string? AdminToken { get; }

    /// <summary>The injectors of faults for this cluster.</summary>
    /// <param name="seed">The seed of their own random choices.</param>
    /// <param name="report">Called when a promise was seen broken during a fault.</param>
    IReadOnlyList<IInjector> Injectors(int seed, Action<Violation> report);

    /// <summary>Starts it, and waits until every node is ready.</summary>
    Task StartAsync();
}

/// <summary>Questions to any cluster.</summary>
internal static class ClusterQuestions
{
    /// <summary>The nodes that clients may try.</summary>
    public static IEnumerable<INode> Running(this ICluster cluster) =>
        cluster.Nodes.Where(node => node is { IsRunning: true, IsFrozen: false });

    /// <summary>Returns a random node that runs.</summary>
    /// <exception cref="TimeoutException">None runs.</exception>
    public static INode AnyRunning(this ICluster cluster, Random random)
    {
        var running = cluster.Running().ToArray();
        return running.Length == 0 ? throw new TimeoutException("no node runs") : running[random.Next(running.Length)];
    }

    /// <summary>Whoever says that it leads, in the latest term; null if nobody does.</summary>
    public static async Task<int?> LeaderAsync(this ICluster cluster)
    {
        (int? Node, long Term) leader = (null, -1);
        var views = await Task.WhenAll(
            cluster.Nodes.Select(node =>
                node is { IsRunning: true, IsFrozen: false }
                    ? node.Http.ClusterAsync()
                    : Task.FromResult<ClusterView?>(null)
            )
        );
        for (var i = 0; i < views.Length; i++)
        {
            if (views[i] is { Role: "leader" } view && view.Term > leader.Term)
            {
                leader = (i, view.Term);
            }
        }

        return leader.Node;
    }

    /// <summary>Whether all nodes became ready in time.</summary>
    public static async Task<bool> BecomesWholeAsync(this ICluster cluster, TimeSpan bound)
    {
        using var timeout = new CancellationTokenSource(bound);
        while (!timeout.IsCancellationRequested)
        {
            var ready = await Task.WhenAll(cluster.Nodes.Select(node => node.Http.IsReadyAsync()));
            if (ready.All(yes => yes))
            {
                return true;
            }

            await Task.Delay(100, CancellationToken.None);
        }

        return false;
    }
}
