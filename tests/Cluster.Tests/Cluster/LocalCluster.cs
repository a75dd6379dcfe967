using System.Net;

namespace RaftLocks.Cluster;

// A cluster of real processes on free ports of the loopback address, with its data in a temporary folder
// that is removed in the end.

/// <summary>Some nodes that form one cluster.</summary>
public sealed class LocalCluster : IAsyncDisposable
{
    /// <summary>How long a start or an election may take on a busy machine.</summary>
    public static readonly TimeSpan ElectionBound = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly string[] _settings;
    private readonly NodePlan[] _plans;

    // Replaced as a whole where a node is: others may be going through it.
    private NodeProcess[] _nodes;

    /// <summary>Describes a cluster of <paramref name="size"/> nodes, n1 to nN; starts none of them.</summary>
    public LocalCluster(int size, params string[] settings)
        : this(_ => Plain(size), settings) { }

    /// <summary>
    /// Describes a cluster of nodes that are each started in a way of their own; they are told the folder that their
    /// data folders are in.
    /// </summary>
    public LocalCluster(Func<string, IReadOnlyList<NodePlan>> plans, params string[] settings)
    {
        _settings = settings;
        _folder = Directory.CreateTempSubdirectory("raftlocks-").FullName;
        _plans = [.. plans(_folder)];
        _nodes = [.. _plans.Select(plan => Describe(plan, [.. _plans.Select(known => known.Member)]))];
    }

    /// <summary>All nodes, running or not.</summary>
    public IReadOnlyList<NodeProcess> Nodes => _nodes;

    /// <summary>The nodes that run and are not frozen.</summary>
    public IEnumerable<NodeProcess> Running => Nodes.Where(node => node is { IsRunning: true, IsFrozen: false });

    /// <summary>The data folder of a node.</summary>
    public string DataOf(string name) => Path.Combine(_folder, name);

    /// <summary>Settings that every node reads when it starts, as appsettings.json.</summary>
    public void WriteSettings(string json) => File.WriteAllText(Path.Combine(_folder, "appsettings.json"), json);

    /// <summary>How a member is written on the command line.</summary>
    public string MemberText(string name) => _plans.Single(plan => plan.Name == name).Member;

    /// <summary>Where a node listens to the others.</summary>
    public IPEndPoint RaftAddressOf(string name) =>
        IPEndPoint.Parse(_plans.Single(plan => plan.Name == name).RaftAddress);

    /// <summary>
    /// Describes one node more, which waits to be added; with the name and address of an old one, or its own.
    /// </summary>
    public (NodeProcess Node, string Member) DescribeJoining(string name)
    {
        var old = _plans.FirstOrDefault(plan => plan.Name == name);
        var plan = old ?? Plain(1)[0] with { Name = name };
        var node = Describe(
            plan,
            [.. _plans.Where(known => known != old).Select(known => known.Member), plan.Member, "--join"]
        );
        _nodes = [.. _nodes.Where(known => known.Name != name), node];
        return (node, plan.Member);
    }

    /// <summary>
    /// Describes a node that is not running anew: with its data, and by default with its Raft address, on another port
    /// for clients.
    /// </summary>
    public NodeProcess DescribeMoved(string name, Func<NodePlan, NodePlan>? move = null)
    {
        var old = _plans.Single(plan => plan.Name == name);
        var moved = move is null ? old with { Url = Plain(1)[0].Url } : move(old);
        var node = Describe(moved, [.. _plans.Select(known => (known == old ? moved : known).Member)]);
        _nodes = [.. _nodes.Where(known => known.Name != name), node];
        return node;
    }

    /// <summary>Takes away all that a node has written.</summary>
    public void Wipe(string name) => Directory.Delete(DataOf(name), recursive: true);

    /// <summary>Starts all nodes that do not run and waits until every node is ready.</summary>
    public async Task StartAsync()
    {
        foreach (var node in Nodes.Where(node => !node.IsRunning))
        {
            node.Start();
        }

        await ReadyAsync();
    }

    /// <summary>Waits until every running node is ready.</summary>
    public async Task ReadyAsync()
    {
        foreach (var node in Running)
        {
            await Eventually.HoldsAsync(
                $"{node.Name} is ready",
                ElectionBound,
                async () =>
                    node.IsRunning
                        ? await node.Http.IsReadyAsync()
                        : throw new InvalidOperationException($"{node.Name} ended with code {node.ExitCode}.")
            );
        }
    }

    /// <summary>Waits for a running node that leads and serves, and returns it.</summary>
    public Task<NodeProcess> LeaderAsync() =>
        Eventually.FindAsync(
            "a leader that serves",
            ElectionBound,
            async () =>
            {
                NodeProcess? leader = null;
                long term = -1;
                foreach (var node in Running)
                {
                    if (
                        await node.Http.ClusterAsync() is { Role: "leader" } view
                        && view.Term > term
                        && await node.Http.IsReadyAsync()
                    )
                    {
                        (leader, term) = (node, view.Term);
                    }
                }

                return leader;
            }
        );

    /// <summary>Waits for a running node that follows a leader, and returns it.</summary>
    public async Task<NodeProcess> FollowerAsync()
    {
        var leader = await LeaderAsync();
        return await Eventually.FindAsync(
            "a follower that is ready",
            ElectionBound,
            async () =>
            {
                foreach (var node in Running.Where(node => node != leader))
                {
                    if (
                        await node.Http.ClusterAsync() is { Role: "follower", Leader: not null }
                        && await node.Http.IsReadyAsync()
                    )
                    {
                        return node;
                    }
                }

                return null;
            }
        );
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Nodes that differ in nothing but their names and ports.</summary>
    /// <param name="size">How many.</param>
    /// <param name="scheme">http or https.</param>
    public static NodePlan[] Plain(int size, string scheme = "http")
    {
        var ports = FreePorts.Take(size * 2);
        return
        [
            .. Enumerable
                .Range(0, size)
                .Select(i => new NodePlan(
                    $"n{i + 1}",
                    $"127.0.0.1:{ports[size + i]}",
                    new Uri($"{scheme}://127.0.0.1:{ports[i]}")
                )),
        ];
    }

    private NodeProcess Describe(NodePlan plan, IEnumerable<string> members) =>
        new(
            plan.Name,
            plan.Listen ?? plan.Url,
            _folder,
            [
                "--name",
                plan.Name,
                "--listen",
                NodePlan.Origin(plan.Listen ?? plan.Url),
                "--data",
                DataOf(plan.Name),
                .. members.SelectMany(known => known == "--join" ? new[] { known } : ["--member", known]),
                .. _settings,
                .. plan.Settings,
            ]
        );
}
