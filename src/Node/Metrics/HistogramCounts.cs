// The buckets of one histogram. Recording costs a short search and two atomic additions, and never waits.
namespace RaftLocks.Node.Metrics;

/// <summary>How many values fell into which bucket.</summary>
/// <param name="bounds">Upper bounds of the buckets, ascending; a last one without bound is added.</param>
internal sealed class HistogramCounts(double[] bounds)
{
    private readonly long[] counts = new long[bounds.Length + 1];
    private double sum;

    /// <summary>Upper bounds of all buckets but the last.</summary>
    public IReadOnlyList<double> Bounds => bounds;

    /// <summary>Sum of all values.</summary>
    public double Sum => Volatile.Read(ref sum);

    /// <summary>Values in a bucket.</summary>
    public long CountOf(int bucket) => Volatile.Read(ref counts[bucket]);

    /// <summary>Adds a value.</summary>
    public void Record(double value)
    {
        var found = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref counts[found >= 0 ? found : ~found]);
        double before,
            known = Volatile.Read(ref sum);
        do
        {
            before = known;
            known = Interlocked.CompareExchange(ref sum, before + value, before);
        } while (known != before);
    }
}
