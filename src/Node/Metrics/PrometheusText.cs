// The text that Prometheus reads, version 0.0.4 of its format: for each metric a HELP, a TYPE, and a line for each
// value.
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace RaftLocks.Node.Metrics;

internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Everything that was measured.</summary>
    public static string Write(
        IReadOnlyList<Observation> observed,
        IReadOnlyList<(Instrument Instrument, HistogramCounts Counts)> histograms
    )
    {
        var text = new StringBuilder(8192);
        foreach (
            var group in observed
                .GroupBy(one => one.Instrument)
                .OrderBy(group => group.Key.Name, StringComparer.Ordinal)
        )
        {
            var name = Head(text, group.Key);
            foreach (var one in group)
            {
                Line(text, name, Labels(one.Tags), one.Value);
            }
        }

        foreach (var (instrument, counts) in histograms.OrderBy(one => one.Instrument.Name, StringComparer.Ordinal))
        {
            Histogram(text, Head(text, instrument), counts);
        }

        return text.ToString();
    }

    private static string Head(StringBuilder text, Instrument instrument)
    {
        var name = MetricNames.Of(instrument);
        var help = (instrument.Description ?? "")
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        text.Append(
            CultureInfo.InvariantCulture,
            $"# HELP {name} {help}\n# TYPE {name} {MetricNames.TypeOf(instrument)}\n"
        );
        return name;
    }

    // Each bucket counts what is in the smaller ones too.
    private static void Histogram(StringBuilder text, string name, HistogramCounts counts)
    {
        long total = 0;
        for (var i = 0; i < counts.Bounds.Count; i++)
        {
            total += counts.CountOf(i);
            Line(
                text,
                name + "_bucket",
                "{le=\"" + counts.Bounds[i].ToString(CultureInfo.InvariantCulture) + "\"}",
                total
            );
        }

        total += counts.CountOf(counts.Bounds.Count);
        Line(text, name + "_bucket", "{le=\"+Inf\"}", total);
        Line(text, name + "_sum", "", counts.Sum);
        Line(text, name + "_count", "", total);
    }

    private static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");

    private static string Labels(KeyValuePair<string, object?>[] tags) =>
        tags.Length == 0
            ? ""
            : "{" + string.Join(',', tags.Select(tag => $"{tag.Key.Replace('.', '_')}=\"{Escaped(tag.Value)}\"")) + "}";

    private static string Escaped(object? value) =>
        (Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
