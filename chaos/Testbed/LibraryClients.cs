// Clients of the .NET library, in a process of their own (chaos/clients): they can be frozen, and chaos itself shares
// no code with the library.
using System.Globalization;
using System.Text.Json;
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.History;
using RaftLocks.Chaos.Workload;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Testbed;

/// <summary>A process of clients, which write their histories into a file.</summary>
internal sealed class LibraryClients : IAsyncDisposable
{
    /// <summary>Clients of one process.</summary>
    public const int Each = 4;

    // Their last releases wait for the cluster.
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("raftlocks-clients-").FullName;
    private readonly string file;
    private readonly string counts;
    private readonly NodeProcess process;

    /// <summary>Describes the clients from a number on; starts nothing.</summary>
    /// <param name="first">The first client's number.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="seed">Decides what they ask for.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="counters">How many workers add to a number besides.</param>
    /// <param name="number">The file with the number.</param>
    public LibraryClients(int first, ICluster cluster, int seed, Clock clock, int counters, string number)
    {
        Name = $"clients-{first}";
        file = Path.Combine(folder, "history.jsonl");
        counts = Path.Combine(folder, "counts.json");
        process = new NodeProcess(
            Name,
            url: null,
            folder,
            [
                .. cluster.Nodes.SelectMany(node => new[] { "--node", node.Url.ToString() }),
                "--first",
                Text(first),
                "--clients",
                Text(Each),
                "--seed",
                Text(seed),
                "--origin",
                Text(clock.Origin),
                "--history",
                file,
                "--counters",
                Text(counters),
                "--number",
                number,
                "--counts",
                counts,
            ]
        )
        {
            Program = NodeBinary.Built("chaos/clients", "raftlocks-chaos-clients.dll"),
        };
    }

    /// <summary>The name for people.</summary>
    public string Name { get; }

    /// <summary>Whether it has not ended.</summary>
    public bool IsRunning => process.IsRunning;

    /// <summary>Its log.</summary>
    public string Log => process.Log;

    public void Start() => process.Start();

    public Task FreezeAsync() => process.FreezeAsync();

    public void Thaw()
    {
        if (process.IsRunning)
        {
            process.Thaw();
        }
    }

    /// <summary>What its counting workers recorded; null if it ended in disorder. Known after the end.</summary>
    public async Task<CountReport?> CountsAsync() =>
        File.Exists(counts) ? JsonSerializer.Deserialize<CountReport>(await File.ReadAllTextAsync(counts)) : null;

    /// <summary>
    /// Ends the clients, and returns what they recorded; reports if they ended by themselves or in disorder.
    /// </summary>
    public async Task<IReadOnlyList<Request>> EndAsync(Action<Violation> report)
    {
        if (process.IsRunning)
        {
            process.Terminate();
        }

        var code = await process.WaitForExitAsync(EndBound);
        if (code != 0)
        {
            report(new Violation("clients go on", $"{Name} ended with code {code}: {Log}"));
        }

        return File.Exists(file)
            ? [.. (await File.ReadAllLinesAsync(file)).Select(line => JsonSerializer.Deserialize<Request>(line)!)]
            : [];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
