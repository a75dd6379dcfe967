using System.Globalization;
using RaftLocks.Cluster;

namespace RaftLocks.Load.Nodes;

// What a node's process takes: the kernel's word (resident set, its peak) and the runtime's (managed heap after a full
// collection).

/// <summary>Memory of one node at one moment, in bytes.</summary>
/// <param name="Rss">Resident set.</param>
/// <param name="PeakRss">The largest it ever was.</param>
/// <param name="LiveHeap">Managed objects that outlived a full collection, and the holes between them.</param>
internal sealed record NodeMemory(long Rss, long PeakRss, long LiveHeap)
{
    private const string CollectionsMetric = "dotnet_gc_collections_total{gc_heap_generation=\"gen2\"}";
    private const string HeapMetric = "dotnet_gc_last_collection_heap_size_bytes{";
    private static readonly TimeSpan CollectionBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(60);

    /// <summary>Makes the node collect its garbage, then reads its memory.</summary>
    public static async Task<NodeMemory> AfterCollectionAsync(NodeProcess node)
    {
        var processId = node.ProcessId ?? throw new InvalidOperationException($"{node.Name} does not run.");
        var before = (await MetricsAsync(node)).Sum(CollectionsMetric);
        ForcedCollection.Start(processId);
        var after = await Eventually.FindAsync(
            $"a full collection of {node.Name}",
            CollectionBound,
            async () =>
            {
                var metrics = await MetricsAsync(node);
                return metrics.Sum(CollectionsMetric) > before ? metrics : null;
            }
        );
        return new NodeMemory(Of(processId, "VmRSS:"), Of(processId, "VmHWM:"), (long)after.Sum(HeapMetric));
    }

    /// <summary>The resident set as it is.</summary>
    public static long RssOf(int processId) => Of(processId, "VmRSS:");

    /// <summary>The largest that the resident set ever was.</summary>
    public static long PeakRssOf(int processId) => Of(processId, "VmHWM:");

    private static Task<MetricsText> MetricsAsync(NodeProcess node) =>
        Eventually.FindAsync(
            $"the metrics of {node.Name}",
            AnswerBound,
            async () => await node.Http.GetAsync("/metrics") is { } answer ? new MetricsText(answer.Body) : null
        );

    private static long Of(int processId, string field)
    {
        var line = File.ReadLines($"/proc/{processId}/status")
            .First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(field.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
    }
}

/// <summary>What a node's /metrics said.</summary>
internal sealed record MetricsText(string Text)
{
    /// <summary>The sum of all lines that begin like this.</summary>
    public double Sum(string prefix) =>
        Text.Split('\n')
            .Where(line => line.StartsWith(prefix, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
}
