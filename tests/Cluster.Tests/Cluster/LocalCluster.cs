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
    private readonly string[] _members;
    private readonly List<NodeProcess> _nodes = [];

    /// <summary>Describes a cluster of <paramref name="size"/> nodes, n1 to nN; starts none of them.</summary>
    public LocalCluster(int size, params string[] settings)
    {
        _settings = settings;
        _folder = Directory.CreateTempSubdirectory("raftlocks-").FullName;
        var ports = FreePorts.Take(size * 2);
        var urls = Enumerable.Range(0, size).Select(i => new Uri($"http://127.0.0.1:{ports[i]}")).ToArray();
        _members = [.. Enumerable.Range(0, size).Select(i => $"n{i + 1},127.0.0.1:{ports[size + i]},{Origin(urls[i])}")];
        _nodes.AddRange(_members.Select((member, i) => Describe(member, urls[i], _members)));
    }

    /// <summary>All nodes, running or not.</summary>
    public IReadOnlyList<NodeProcess> Nodes => _nodes;

    /// <summary>The nodes that run and are not frozen.</summary>
    public IEnumerable<NodeProcess> Running => Nodes.Where(node => node is { IsRunning: true, IsFrozen: false });

    /// <summary>The data folder of a node.</summary>
    public string DataOf(string name) => Path.Combine(_folder, name);

    /// <summary>How a member is written on the command line.</summary>
    public string MemberText(string name) => _members.Single(member => member.StartsWith(name + ",", StringComparison.Ordinal));

    /// <summary>Describes one node more, which waits to be added; with the name and address of an old one, or its own.</summary>
    public (NodeProcess Node, string Member) DescribeJoining(string name)
    {
        var old = _members.FirstOrDefault(member => member.StartsWith(name + ",", StringComparison.Ordinal));
        var ports = FreePorts.Take(2);
        var member = old ?? $"{name},127.0.0.1:{ports[0]},http://127.0.0.1:{ports[1]}";
        var node = Describe(member, new Uri(member.Split(',')[2]), [.. _members.Where(known => known != old), member, "--join"]);
        _nodes.RemoveAll(known => known.Name == name);
        _nodes.Add(node);
        return (node, member);
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
            await Eventually.HoldsAsync($"{node.Name} is ready", ElectionBound, async () =>
                node.IsRunning
                    ? await node.Http.IsReadyAsync()
                    : throw new InvalidOperationException($"{node.Name} ended with code {node.ExitCode}."));
        }
    }

    /// <summary>Waits for a running node that leads and serves, and returns it.</summary>
    public Task<NodeProcess> LeaderAsync() => Eventually.FindAsync("a leader that serves", ElectionBound, async () =>
    {
        NodeProcess? leader = null;
        long term = -1;
        foreach (var node in Running)
        {
            if (await node.Http.ClusterAsync() is { Role: "leader" } view && view.Term > term && await node.Http.IsReadyAsync())
            {
                (leader, term) = (node, view.Term);
            }
        }

        return leader;
    });

    /// <summary>Waits for a running node that follows a leader, and returns it.</summary>
    public async Task<NodeProcess> FollowerAsync()
    {
        var leader = await LeaderAsync();
        return await Eventually.FindAsync("a follower that is ready", ElectionBound, async () =>
        {
            foreach (var node in Running.Where(node => node != leader))
            {
                if (await node.Http.ClusterAsync() is { Role: "follower", Leader: not null } && await node.Http.IsReadyAsync())
                {
                    return node;
                }
            }

            return null;
        });
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

    private NodeProcess Describe(string member, Uri url, IEnumerable<string> members)
    {
        var name = member.Split(',')[0];
        return new NodeProcess(name, url, _folder, [
            "--name", name, "--listen", Origin(url), "--data", DataOf(name),
            .. members.SelectMany(known => known == "--join" ? new[] { known } : ["--member", known]), .. _settings]);
    }

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
