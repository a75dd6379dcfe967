// What a scrape of /metrics gave: names with their kinds, and values by name and labels.
using System.Globalization;
using System.Text.RegularExpressions;

namespace RaftLocks.Node.Tests.Metrics;

internal sealed partial class Scrape
{
    private readonly Dictionary<string, double> values = new(StringComparer.Ordinal);

    public Scrape(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var words = line.Split(' ');
                Types.Add(words[2], words[3]);
            }
            else if (!line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var read = Line().Match(line);
                Assert.True(read.Success, $"not a line that Prometheus can read: {line}");
                values.Add(
                    read.Groups["name"].Value + read.Groups["labels"].Value,
                    double.Parse(read.Groups["value"].Value, CultureInfo.InvariantCulture)
                );
                Names.Add(read.Groups["name"].Value);
                NoteLabels(read.Groups["name"].Value, read.Groups["labels"].Value);
            }
        }
    }

    public string Text { get; }

    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>The labels of each metric, with their values.</summary>
    public Dictionary<string, Dictionary<string, HashSet<string>>> Labels { get; } = new(StringComparer.Ordinal);

    public double this[string line] =>
        values.TryGetValue(line, out var value) ? value : throw new KeyNotFoundException(line + " is not in\n" + Text);

    private void NoteLabels(string name, string labels)
    {
        var known = Labels.TryGetValue(name, out var before) ? before : Labels[name] = new(StringComparer.Ordinal);
        foreach (Match label in Label().Matches(labels))
        {
            var (key, value) = (label.Groups["key"].Value, label.Groups["value"].Value);
            (known.TryGetValue(key, out var values) ? values : known[key] = new(StringComparer.Ordinal)).Add(value);
        }
    }

    [GeneratedRegex(
        """(?<key>[a-z_]+)="(?<value>([^"\\]|\\.)*)["]""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Label();

    [GeneratedRegex(
        """^(?<name>[a-z_:][a-z0-9_:]*)(?<labels>\{([a-z_]+="([^"\\]|\\.)*",?)+\})? (?<value>[-+0-9.eE]+)$""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Line();
}
