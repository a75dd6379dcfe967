// Looks at all nodes once a second, once for all open pages together, and only while one is open.
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

/// <summary>A node as it was seen last.</summary>
internal sealed record SeenNode(NodeAddress Address, ClusterResponse? View, string? Problem);

/// <summary>The cluster as it was seen last.</summary>
internal sealed record SeenCluster(
    IReadOnlyList<SeenNode> Nodes,
    string? Leader,
    long Term,
    IReadOnlyList<LeaderChange> Changes,
    IReadOnlyList<ChartPoint> Points
);

/// <summary>A new leader was seen.</summary>
/// <param name="At">The time.</param>
/// <param name="Term">The leader's term.</param>
/// <param name="Leader">The leader's name.</param>
/// <param name="WasThere">Whether its term had begun already when somebody began to look: since when it leads, nobody
/// has seen.</param>
internal sealed record LeaderChange(DateTimeOffset At, long Term, string Leader, bool WasThere);

/// <summary>Sends the state of the cluster to the open pages.</summary>
internal sealed class ClusterFeed(DashboardOptions options, NodeApi api, TimeProvider time) : IDisposable
{
    private const int ChangesKept = 10;

    private readonly Lock gate = new();
    private readonly List<Action> viewers = [];
    private readonly ChartFeed charts = new();
    private readonly List<LeaderChange> changes = [];
    private CancellationTokenSource? looking;
    private volatile SeenCluster? last;

    /// <summary>Makes a feed with the system's clock.</summary>
    public ClusterFeed(DashboardOptions options, NodeApi api)
        : this(options, api, TimeProvider.System) { }

    /// <summary>The state that was seen last; null before the first look.</summary>
    public SeenCluster? Last => last;

    /// <summary>Calls back after each look until disposed.</summary>
    public IDisposable Subscribe(Action seen)
    {
        lock (gate)
        {
            viewers.Add(seen);
            if (viewers.Count == 1)
            {
                looking = new CancellationTokenSource();
                _ = LookOnAsync(looking.Token);
            }
        }

        return new Subscription(this, seen);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            viewers.Clear();
            StopLooking();
        }
    }

    private void Unsubscribe(Action seen)
    {
        lock (gate)
        {
            if (viewers.Remove(seen) && viewers.Count == 0)
            {
                StopLooking();
            }
        }
    }

    private void StopLooking()
    {
        looking?.Cancel();
        looking?.Dispose();
        looking = null;
    }

    private async Task LookOnAsync(CancellationToken token)
    {
        charts.Clear();
        var isFirst = true;
        while (!token.IsCancellationRequested)
        {
            try
            {
                await LookAsync(isFirst, token);
                isFirst = false;
                Action[] told;
                lock (gate)
                {
                    told = [.. viewers];
                }

                foreach (var viewer in told)
                {
                    viewer();
                }

                await Task.Delay(Limits.ClusterEvery, time, token);
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested) { }
        }
    }

    private async Task LookAsync(bool isFirst, CancellationToken token)
    {
        var nodes = await Task.WhenAll(
            options
                .Members()
                .Select(async node =>
                {
                    var (view, problem, _) = await api.ClusterAsync(node, token);
                    return new SeenNode(node, view, problem);
                })
        );
        var leader = options.Leader();
        var term = nodes.Select(node => node.View?.Term ?? 0).DefaultIfEmpty().Max();
        var sawItBegin = !isFirst && last is { Term: > 0 } before && before.Term < term;
        if (leader is not null)
        {
            charts.Add(leader.Name, time.GetUtcNow(), await api.MetricsAsync(leader.Url, token));
            if (term > 0 && (changes.Count == 0 || changes[0].Leader != leader.Name || changes[0].Term != term))
            {
                changes.Insert(0, new LeaderChange(time.GetUtcNow(), term, leader.Name, !sawItBegin));
                if (changes.Count > ChangesKept)
                {
                    changes.RemoveAt(ChangesKept);
                }
            }
        }

        last = new SeenCluster(nodes, leader?.Name, term, [.. changes], charts.Points);
    }

    private sealed class Subscription(ClusterFeed feed, Action seen) : IDisposable
    {
        public void Dispose() => feed.Unsubscribe(seen);
    }
}
