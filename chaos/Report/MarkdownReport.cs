// The report of a run: the verdict, what was done, what was checked, and the picture.
using System.Globalization;
using System.Text;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Report;

/// <summary>Writes report.md, timeline.svg and, if something was wrong, the whole history.</summary>
internal static class MarkdownReport
{
    private const int ShownViolations = 20;

    /// <summary>Writes the files; returns the report's path.</summary>
    public static string Write(string directory, Verdict verdict, string replay)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "timeline.svg"), Timeline.Of(verdict));
        if (verdict.Violations.Count > 0)
        {
            File.WriteAllLines(Path.Combine(directory, "history.txt"), verdict.History.Select(request => request.ToString()));
        }

        var path = Path.Combine(directory, "report.md");
        File.WriteAllText(path, Text(verdict, replay));
        return path;
    }

    /// <summary>One line for the console.</summary>
    public static string Summary(Verdict verdict) => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {verdict.Seed}: {verdict.Blows.Count} blows, {verdict.History.Count} requests, {Granted(verdict)} granted, {verdict.History.Count(r => r.Ending == Ending.Broken)} broken off, {verdict.ComparedIndexes} indexes compared: {(verdict.Violations.Count == 0 ? "no violation" : $"{verdict.Violations.Count} VIOLATIONS")}");

    private static int Granted(Verdict verdict) => verdict.History.Count(request => request.AcquiredAt is not null);

    private static string Text(Verdict verdict, string replay)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Chaos, seed {verdict.Seed}: {(verdict.Violations.Count == 0 ? "no violation" : "VIOLATED")}");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{verdict.Ms / 60_000:F1} minutes. Again: `{replay}`");
        text.AppendLine();
        text.AppendLine("![who led, what was done, how many locks were granted](timeline.svg)");
        text.AppendLine();
        text.AppendLine("| requests | granted | released, confirmed | connections lost | clients vanished | indexes compared |");
        text.AppendLine("|---|---|---|---|---|---|");
        text.AppendLine(CultureInfo.InvariantCulture, $"| {verdict.History.Count} | {Granted(verdict)} | {verdict.History.Count(r => r.ReleasedAt is not null)} | {verdict.History.Count(r => r.Ending == Ending.Broken)} | {verdict.History.Count(r => r.Ending == Ending.Vanish)} | {verdict.ComparedIndexes} |");
        text.AppendLine();
        foreach (var kind in verdict.Blows.GroupBy(blow => blow.What.Split(' ')[0], StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {kind.Key}: {kind.Count()} times");
        }

        if (verdict.Violations.Count > 0)
        {
            text.AppendLine().AppendLine("## Violations (all requests are in history.txt)").AppendLine();
            foreach (var violation in verdict.Violations.Take(ShownViolations))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"- **{violation.Promise}**: {violation.Evidence}");
            }

            if (verdict.Violations.Count > ShownViolations)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"- and {verdict.Violations.Count - ShownViolations} more");
            }
        }

        return text.ToString();
    }
}
