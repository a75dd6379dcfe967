using System.Text.Json.Nodes;

namespace RaftLocks.Load.Plots;

// Pictures of what compare and scale have printed: docs/performance.md shows them.

/// <summary>Draws the lines of result files.</summary>
internal sealed record PlotRun(IReadOnlyList<string> Files, string Folder)
{
    /// <summary>Draws what can be drawn of them.</summary>
    public async Task<int> RunAsync()
    {
        var lines = new List<JsonObject>();
        foreach (var file in Files)
        {
            lines.AddRange((await File.ReadAllLinesAsync(file)).Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!.AsObject()));
        }

        Directory.CreateDirectory(Folder);
        var compared = lines.Where(line => (string?)line["load"] == "U").ToList();
        var scaled = lines.Where(line => line["scale"] is not null).ToList();
        List<(string Name, LineChart Chart)> charts =
        [
            ("throughput", new("Clients, each with its own resource", "clients", "cycles/s", ByServer(compared, "cyclesPerSecond"))),
            ("latency", new("Clients, each with its own resource", "clients", "lock to acquired, p50, ms", ByServer(compared, "p50Ms"))),
            ("memory", new("What one more takes of the leader's heap", "how many", "bytes for each", BySection(scaled, HeapOfLeader))),
            ("beside", new("16 clients on a node that holds much", "how much", "cycles/s", BySection(scaled, line => (double?)line["figures"]?["cyclesPerSecond"]))),
            ("handoffs", new("Hand-off of one resource", "how many wait", "ms for each", BySection(scaled, line => (double?)line["figures"]?["handOffMs"]))),
        ];
        foreach (var (name, chart) in charts.Where(chart => chart.Chart.Series.Count > 0))
        {
            var path = Path.Combine(Folder, name + ".svg");
            await File.WriteAllTextAsync(path, chart.ToSvg());
            Console.WriteLine(path);
        }

        return 0;
    }

    private static double? HeapOfLeader(JsonObject line) =>
        (double?)line["bytesForEach"]!.AsArray().Single(node => (string?)node!["role"] == "leader")!["liveHeap"];

    private static List<Series> ByServer(IEnumerable<JsonObject> lines, string figure) =>
    [
        .. lines.GroupBy(line => (string)line["server"]!, StringComparer.Ordinal)
            .Select(server => new Series(server.Key, Medians(server, line => (double)line["clients"]!, line => (double?)line[figure]))),
    ];

    private static List<Series> BySection(IEnumerable<JsonObject> lines, Func<JsonObject, double?> figure) =>
    [
        .. lines.Where(line => figure(line) > 0).GroupBy(line => (string)line["scale"]!, StringComparer.Ordinal)
            .Select(section => new Series(section.Key, Medians(section, line => (double)line["count"]!, figure))),
    ];

    private static List<(double X, double Y)> Medians(IEnumerable<JsonObject> lines, Func<JsonObject, double> x, Func<JsonObject, double?> y) =>
    [
        .. from line in lines
           group y(line) ?? 0 by x(line) into at
           let sorted = at.Order().ToArray()
           select (at.Key, sorted[sorted.Length / 2]),
    ];
}
