using RaftLocks.Load.Nodes;

namespace RaftLocks.Load.Soak;

/// <summary>How one node's memory grew from the first stretch after the warm-up to the last one.</summary>
internal sealed record NodeGrowth(
    double LiveHeapMbFirst,
    double LiveHeapMbLast,
    double LiveHeapPercent,
    double RssMbFirst,
    double RssMbLast,
    double RssPercent
)
{
    private const double MaxGrowthPercent = 5;

    /// <summary>Whether neither grew by more than allowed.</summary>
    public bool HasSettled => LiveHeapPercent < MaxGrowthPercent && RssPercent < MaxGrowthPercent;
}

/// <summary>Holds the last fifth of what came after the warm-up against the first fifth.</summary>
internal sealed class SoakVerdict
{
    private const int Stretches = 5;
    private readonly List<SoakSample> first;
    private readonly List<SoakSample> last;

    /// <summary>Divides the samples.</summary>
    /// <exception cref="InvalidOperationException">There are too few.</exception>
    public SoakVerdict(IReadOnlyList<SoakSample> samples, double warmupMinutes)
    {
        var end = samples.Count == 0 ? 0 : samples[^1].Minute;
        StretchMinutes = (end - warmupMinutes) / Stretches;
        first =
        [
            .. samples.Where(sample =>
                sample.Minute >= warmupMinutes && sample.Minute <= warmupMinutes + StretchMinutes
            ),
        ];
        last = [.. samples.Where(sample => sample.Minute >= end - StretchMinutes)];
        if (StretchMinutes <= 0 || first.Count == 0)
        {
            throw new InvalidOperationException(
                "The run was too short to judge: it needs several minutes after the warm-up."
            );
        }
    }

    /// <summary>How long a stretch is.</summary>
    public double StretchMinutes { get; }

    /// <summary>The growth of each node.</summary>
    public List<NodeGrowth> OfNodes(int count) => [.. Enumerable.Range(0, count).Select(Of)];

    private NodeGrowth Of(int node)
    {
        var (heapFirst, heapLast) = (
            Mean(first, node, memory => memory.LiveHeap),
            Mean(last, node, memory => memory.LiveHeap)
        );
        var (rssFirst, rssLast) = (Mean(first, node, memory => memory.Rss), Mean(last, node, memory => memory.Rss));
        return new NodeGrowth(
            Mb(heapFirst),
            Mb(heapLast),
            Growth(heapFirst, heapLast),
            Mb(rssFirst),
            Mb(rssLast),
            Growth(rssFirst, rssLast)
        );
    }

    private static double Mean(List<SoakSample> stretch, int node, Func<NodeMemory, long> figure) =>
        stretch.Average(sample => figure(sample.Nodes[node]));

    private static double Growth(double from, double to) => Math.Round(100 * ((to / from) - 1), 2);

    private static double Mb(double bytes) => Math.Round(bytes / 1e6, 1);
}
