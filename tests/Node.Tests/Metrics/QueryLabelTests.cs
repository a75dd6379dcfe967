// The queries of deploy/ (alert rules, dashboard) against what a node exports. A query whose label or value does not
// exist is no error to Prometheus: it finds nothing, for ever, and its alert never comes.
using System.Text.Json;
using System.Text.RegularExpressions;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Metrics;

public sealed partial class QueryLabelTests
{
    private const string Alerts = "deploy/prometheus/alerts.yml";
    private const string Dashboard = "deploy/grafana/raftlocks.json";

    // Prometheus adds these to whatever it reads.
    private static readonly string[] OfPrometheus = ["job", "instance"];

    // What a cluster of one without TLS and schedule, which compares itself with nobody, does not have.
    private static readonly Dictionary<string, string[]> OfOthers = new(StringComparer.Ordinal)
    {
        ["up"] = [],
        ["raftlocks_replica_differs"] = ["member"],
        ["raftlocks_replica_compared_index"] = ["member"],
        ["raftlocks_certificate_expires_seconds"] = ["port"],
        ["raftlocks_backup_age_seconds"] = [],
        ["raftlocks_backup_failures_total"] = [],
    };

    [Theory]
    [InlineData(Alerts, 25)]
    [InlineData(Dashboard, 30)]
    public async Task Each_label_that_a_query_matches_or_groups_by_is_one_of_its_metrics(string file, int least)
    {
        var queries = await QueriesAsync(file);
        var scrape = await ScrapeAsync();

        Assert.True(queries.Count >= least, $"{queries.Count} queries in {file}");
        Assert.Empty(queries.SelectMany(query => Errors(query, scrape)));
    }

    [Theory]
    [InlineData("""raftlocks_requests{stat="held"}""", "", "stat")]
    [InlineData("""raftlocks_requests{state="holding"}""", "", "holding")]
    [InlineData("sum by (port) (raftlocks_requests)", "", "port")]
    [InlineData("raftlocks_leader", "of {{ $labels.member }}", "member")]
    [InlineData("sum by (job) (raftlocks_leader)", "{{instance}}", "instance")]
    [InlineData("raftlocks_leeder > 0", "", "raftlocks_leeder")]
    public async Task A_query_that_finds_nothing_is_noticed(string expression, string text, string culprit)
    {
        var scrape = await ScrapeAsync();

        var error = Assert.Single(Errors(new Query(expression, text), scrape));

        Assert.Contains($"'{culprit}'", error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Errors(Query query, Scrape scrape)
    {
        var known = new HashSet<string>(OfPrometheus, StringComparer.Ordinal);
        foreach (Match selector in Selector().Matches(query.Expression))
        {
            var name = selector.Groups["name"].Value;
            if (LabelsOf(name, scrape) is not { } labels)
            {
                yield return $"'{name}' is no metric: {query.Expression}";
                continue;
            }

            known.UnionWith(labels.Keys);
            foreach (Match matcher in Matcher().Matches(selector.Groups["matchers"].Value))
            {
                if (Error(matcher, labels) is { } error)
                {
                    yield return $"{name}: {error}: {query.Expression}";
                }
            }
        }

        // A query that joins metrics has the labels of one of them.
        var groups = Grouping().Matches(query.Expression).SelectMany(match => Names(match.Groups["labels"].Value));
        var kept = Kept().Matches(query.Expression).SelectMany(match => Names(match.Groups["labels"].Value)).ToArray();
        foreach (var group in groups.Where(label => !known.Contains(label)))
        {
            yield return $"nothing has the label '{group}': {query.Expression}";
        }

        foreach (Match said in Shown().Matches(query.Text))
        {
            var label = said.Groups["label"].Value;
            if (
                !(
                    kept.Length > 0 && !query.Joins
                        ? kept.Contains(label, StringComparer.Ordinal)
                        : known.Contains(label)
                )
            )
            {
                yield return $"'{label}' is not in the result: {query.Expression}: {query.Text}";
            }
        }
    }

    private static string? Error(Match matcher, Dictionary<string, HashSet<string>> labels)
    {
        var (label, value) = (matcher.Groups["label"].Value, matcher.Groups["value"].Value);
        if (OfPrometheus.Contains(label, StringComparer.Ordinal))
        {
            return null;
        }

        return !labels.TryGetValue(label, out var values) ? $"no label '{label}'"
            : matcher.Groups["by"].Value == "=" && !values.Contains(value) ? $"no {label} '{value}'"
            : null;
    }

    private static Dictionary<string, HashSet<string>>? LabelsOf(string name, Scrape scrape) =>
        OfOthers.TryGetValue(name, out var others)
            ? others.ToDictionary(label => label, _ => new HashSet<string>(), StringComparer.Ordinal)
            : scrape.Labels.GetValueOrDefault(name);

    private static string[] Names(string list) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static async Task<Scrape> ScrapeAsync()
    {
        await using var node = await SingleNode.StartAsync();
        return new Scrape(await node.Http.GetStringAsync(new Uri(node.Url, "/metrics")));
    }

    private static async Task<List<Query>> QueriesAsync(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(MetricsTests.Root(), file));
        if (file == Alerts)
        {
            return
            [
                .. Rule().Matches(text).Select(rule => new Query(rule.Groups["expr"].Value, rule.Groups["rest"].Value)),
            ];
        }

        var found = new List<Query>();
        Gather(JsonDocument.Parse(text).RootElement, found);
        return found;
    }

    private static void Gather(JsonElement element, List<Query> found)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in element.EnumerateArray())
            {
                Gather(one, found);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (element.TryGetProperty("expr", out var expression))
            {
                var legend = element.TryGetProperty("legendFormat", out var said) ? said.GetString() : null;
                found.Add(new Query(expression.GetString()!, legend ?? ""));
            }

            foreach (var property in element.EnumerateObject())
            {
                Gather(property.Value, found);
            }
        }
    }

    [GeneratedRegex(
        @"\b(?<name>up|raftlocks_[a-z_]+|dotnet_[a-z_]+)\b(\{(?<matchers>[^}]*)\})?",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Selector();

    [GeneratedRegex(
        """(?<label>[a-z_]+)\s*(?<by>=~|!~|!=|=)\s*"(?<value>[^"]*)["]""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Matcher();

    [GeneratedRegex(
        @"\b(by|without|on|ignoring)\s*\((?<labels>[^)]*)\)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\bby\s*\((?<labels>[^)]*)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Kept();

    // In an annotation {{ $labels.instance }}, in a legend {{instance}}.
    [GeneratedRegex(
        @"\{\{\s*(\$labels\.)?(?<label>[a-z_]+)\s*\}\}",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Shown();

    [GeneratedRegex(
        @"- alert: \w+\s+expr: (?<expr>[^\n]+)(?<rest>[\s\S]*?)(?=- alert:|\z)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Rule();

    private sealed record Query(string Expression, string Text)
    {
        public bool Joins => Expression.Contains("group_", StringComparison.Ordinal);
    }
}
