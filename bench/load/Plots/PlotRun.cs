using System.Text.Json;
using System.Text.Json.Nodes;
using RaftLocks.Load.Compare;

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
            lines.AddRange(
                (await File.ReadAllLinesAsync(file))
                    .Select((line, i) => (Text: line, Number: i + 1))
                    .Where(line => line.Text.StartsWith('{'))
                    .Select(line => Read(file, line.Number, line.Text))
            );
        }

        Directory.CreateDirectory(Folder);
        var compared = lines.Where(line => (string?)line["load"] == "U").ToList();
        var scaled = lines.Where(line => line["scale"] is not null).ToList();
        List<(string Name, LineChart Chart)> charts =
        [
            (
                "throughput",
                new("Clients, each with its own resource", "clients", "cycles/s", ByServer(compared, "cyclesPerSecond"))
            ),
            (
                "latency",
                new(
                    "Clients, each with its own resource",
                    "clients",
                    "lock to acquired, p50, ms",
                    ByServer(compared, "p50Ms")
                )
            ),
            (
                "memory",
                new(
                    "What one more takes of the leader's heap",
                    "how many",
                    "bytes for each",
                    BySection(scaled, HeapOfLeader)
                )
            ),
            (
                "beside",
                new(
                    "16 clients on a node that holds much",
                    "how much",
                    "cycles/s",
                    BySection(scaled, line => (double?)line["figures"]?["cyclesPerSecond"])
                )
            ),
            (
                "handoffs",
                new(
                    "Hand-off of one resource",
                    "how many wait",
                    "ms for each",
                    BySection(scaled, line => (double?)line["figures"]?["handOffMs"])
                )
            ),
        ];
        foreach (var (name, chart) in charts.Where(chart => chart.Chart.Series.Count > 0))
        {
            var path = Path.Combine(Folder, name + ".svg");
            await File.WriteAllTextAsync(path, chart.ToSvg());
            Console.WriteLine(path);
        }

        if (charts.TrueForAll(chart => chart.Chart.Series.Count == 0))
        {
            await Console.Error.WriteLineAsync(
                "There is nothing to draw: give files with the lines that compare (load U) or scale have printed."
            );
            return 1;
        }

        return 0;
    }

    private static JsonObject Read(string file, int number, string line)
    {
        try
        {
            return JsonNode.Parse(line)!.AsObject();
        }
        catch (JsonException e)
        {
            throw new FormatException($"{file}, line {number}: {e.Message}", e);
        }
    }

    private static double? HeapOfLeader(JsonObject line) =>
        (double?)
            line["bytesForEach"]?.AsArray().SingleOrDefault(node => (string?)node?["role"] == "leader")?["liveHeap"];

    private static List<Series> ByServer(IEnumerable<JsonObject> lines, string figure) =>
        By(lines, "server", "clients", line => (double?)line[figure]);

    private static List<Series> BySection(IEnumerable<JsonObject> lines, Func<JsonObject, double?> figure) =>
        By(lines, "scale", "count", figure);

    // What failed is 0, which has no place on a logarithmic axis.
    private static List<Series> By(
        IEnumerable<JsonObject> lines,
        string name,
        string x,
        Func<JsonObject, double?> figure
    ) =>
        [
            .. lines
                .Where(line => (double?)line[x] > 0 && figure(line) > 0)
                .GroupBy(line => (string?)line[name] ?? "", StringComparer.Ordinal)
                .Select(series => new Series(
                    series.Key,
                    [
                        .. series
                            .GroupBy(line => (double)line[x]!)
                            .Select(at => (at.Key, Table.Median(at, line => figure(line)!.Value))),
                    ]
                )),
        ];
}
