using System.Text.Json;
using RaftLocks.Cluster;
using RaftLocks.Load.Nodes;

namespace RaftLocks.Load.Scale;

// What one more of everything costs. Each section has a cluster of its own, whose nodes collect their garbage before
// and after; what is alive then, and resident, is divided by how many were added.

/// <summary>The sections, and how many of each.</summary>
internal sealed record ScaleRun(int Nodes, IReadOnlyList<IScaleSection> Sections)
{
    /// <summary>The names that --sections takes.</summary>
    public static readonly string[] Names = ["connections", "locks", "waiters", "namespaces"];

    /// <summary>A section.</summary>
    /// <exception cref="FormatException">There is none of that name.</exception>
    public static IScaleSection Section(string name, int count) =>
        name switch
        {
            "connections" => new IdleConnections(count),
            "locks" => new LiveLocks(count),
            "waiters" => new WaitingRequests(count),
            "namespaces" => new ManyNamespaces(count),
            _ => throw new FormatException(
                $"--sections: \"{name}\" is not known; write some of {string.Join(",", Names)}"
            ),
        };

    /// <summary>Runs the sections and prints a line for each.</summary>
    public async Task<int> RunAsync()
    {
        OpenFiles.Need(Sections.OfType<IdleConnections>().Select(section => section.Count).DefaultIfEmpty().Max());
        var passed = true;
        foreach (var section in Sections)
        {
            passed &= await RunAsync(section);
        }

        return passed ? 0 : 1;
    }

    private async Task<bool> RunAsync(IScaleSection section)
    {
        await Console.Error.WriteLineAsync($"{section.Count} {section.What}");
        await using var cluster = new LocalCluster(Nodes);
        var leader = await cluster.StartPatientlyAsync();
        await section.WarmUpAsync(leader.Url);
        var before = await LookAsync(cluster);
        await section.AddAsync(leader.Url);
        var after = await LookAsync(cluster);
        var sizes = cluster
            .Nodes.Select(
                (node, i) =>
                    new Growth(
                        node.Name,
                        node == leader ? "leader" : "follower",
                        Math.Round((double)(after[i].LiveHeap - before[i].LiveHeap) / section.Count, 1),
                        Math.Round((double)(after[i].Rss - before[i].Rss) / section.Count, 1),
                        Math.Round(after[i].Rss / 1e6, 1)
                    )
            )
            .ToList();
        var figures = await section.FinishAsync(leader.Url);
        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    scale = section.What,
                    section.Count,
                    bytesForEach = sizes,
                    figures,
                },
                JsonSerializerOptions.Web
            )
        );
        return section.HasPassed(sizes.Single(size => size.Role == "leader"));
    }

    private static async Task<List<NodeMemory>> LookAsync(LocalCluster cluster)
    {
        var memory = new List<NodeMemory>();
        foreach (var node in cluster.Nodes)
        {
            memory.Add(await NodeMemory.AfterCollectionAsync(node));
        }

        return memory;
    }
}

/// <summary>
/// What each of many added to a node: bytes alive in the managed heap, and resident bytes of the process.
/// </summary>
internal sealed record Growth(string Node, string Role, double LiveHeap, double Rss, double RssMbInAll);

/// <summary>Something that there can be very many of.</summary>
internal interface IScaleSection
{
    /// <summary>What is measured.</summary>
    string What { get; }

    /// <summary>How many of it are added.</summary>
    int Count { get; }

    /// <summary>Does the same with a few, so that what is only made once is there before.</summary>
    Task WarmUpAsync(Uri leader);

    /// <summary>Adds the things that are measured.</summary>
    Task AddAsync(Uri leader);

    /// <summary>What else is measured while they are there; null if nothing.</summary>
    Task<object?> FinishAsync(Uri leader);

    /// <summary>Whether the leader keeps what is promised.</summary>
    bool HasPassed(Growth leader);
}
