// The report of a run: the verdict, what was done, what was checked, and the picture.
using System.Globalization;
using System.Text;
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Report;

/// <summary>Writes report.md, timeline.svg, the whole history and what the nodes wrote.</summary>
internal static class MarkdownReport
{
    private const int ShownViolations = 20;

    /// <summary>Writes the files; returns the report's path.</summary>
    public static string Write(string directory, Verdict verdict)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "timeline.svg"), Timeline.Of(verdict));
        File.WriteAllLines(
            Path.Combine(directory, "faults.txt"),
            verdict
                .InjectedFaults.OrderBy(injected => injected.FromMs)
                .Select(injected =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{injected.FromMs:F1} to " + $"{injected.ToMs:F1}: " + $"{injected}"
                    )
                )
        );
        File.WriteAllLines(
            Path.Combine(directory, "history.txt"),
            verdict.History.Select(request => request.ToString())
        );
        File.WriteAllLines(Path.Combine(directory, "queues.txt"), QueueLines(verdict.Queues));
        foreach (var (node, log) in verdict.Logs)
        {
            File.WriteAllText(Path.Combine(directory, node + ".log"), log);
        }

        var path = Path.Combine(directory, "report.md");
        File.WriteAllText(path, Text(verdict));
        return path;
    }

    /// <summary>One line for the console.</summary>
    public static string Summary(Verdict verdict) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"seed {verdict.Options.Seed}: {verdict.InjectedFaults.Count} faults, {verdict.History.Count} "
                + $"requests, {Granted(verdict)} granted, {verdict.History.Count(r => r.Ending == Ending.Broken)} "
                + $"broken off, {verdict.ComparedIndexes} indexes and {verdict.ToldEvents} events compared, "
                + $"{verdict.Journals.Count} journals proven, "
                + $"{verdict.Checked.Sum(history => history.Operations)} operations put in order, "
                + $"{verdict.Silences.Select(silence => silence.Ms).DefaultIfEmpty().Max() / 1000:F1} s "
                + $"without a grant at most: "
                + $"{(verdict.Violations.Count == 0 ? "no violation" : $"{verdict.Violations.Count} VIOLATIONS")}"
        );

    private static IEnumerable<string> QueueLines(QueueHistory queues) =>
        queues
            .Attempts.Select(attempt => (At: attempt.SentAt, Line: attempt.ToString()))
            .Concat(
                queues.Readings.Select(reading =>
                    (At: reading.Operation.Call, Line: $"{reading.Namespace} {reading.Operation}")
                )
            )
            .Concat(queues.Revocations.Select(revocation => (At: revocation.CalledAt, Line: revocation.ToString())))
            .OrderBy(entry => entry.At)
            .Select(entry => entry.Line);

    private static int Granted(Verdict verdict) => verdict.History.Count(request => request.AcquiredAt is not null);

    private static int Leaderships(Verdict verdict) =>
        verdict.Samples.Where(sample => sample.Leader is not null).Select(sample => sample.Term).Distinct().Count();

    private static string HolderViews(Verdict verdict)
    {
        var held = verdict.History.Where(request => request.HolderView is not null).ToArray();
        var lost = held.Where(request => request.HolderView!.FoundLostAt is not null).ToArray();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{held.Length} locks held, {lost.Length} of them lost, {lost.Count(LossCheck.WasScheduled)} of those "
                + $"without a pause of the client: there `Lost` itself is checked, else `IsLost`"
        );
    }

    private static string Text(Verdict verdict)
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"# Chaos, seed {verdict.Options.Seed}: {(verdict.Violations.Count == 0 ? "no violation" : "VIOLATED")}"
        );
        text.AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{verdict.Ms / 60_000:F1} minutes. Again: `{verdict.Options.Command}`"
        );
        text.AppendLine();
        text.AppendLine("![who led, what was done, how many locks were granted](timeline.svg)");
        text.AppendLine();
        text.AppendLine(
            "| requests | granted | released, confirmed | connections lost | clients vanished | indexes compared "
                + "| events compared |"
        );
        text.AppendLine("|---|---|---|---|---|---|---|");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| {verdict.History.Count} | {Granted(verdict)} | "
                + $"{verdict.History.Count(r => r.ReleasedAt is not null)} | "
                + $"{verdict.History.Count(r => r.Ending == Ending.Broken)} | "
                + $"{verdict.History.Count(r => r.Ending == Ending.Vanish)} | {verdict.ComparedIndexes} | "
                + $"{verdict.ToldEvents} |"
        );
        text.AppendLine();
        text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{verdict.Options.Nodes} nodes, {verdict.Options.Clients} clients, {Leaderships(verdict)} "
                    + $"leaderships seen. What was done:"
            )
            .AppendLine();
        foreach (var kind in verdict.InjectedFaults.GroupBy(injected => injected.Kind).OrderBy(kind => kind.Key))
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"- {kind.Key}: {kind.Count()} times, "
                    + $"{kind.Sum(injected => injected.ToMs - injected.FromMs) / 1000:F0} s"
            );
        }

        foreach (var kind in verdict.LeftOut)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"- {kind}: left out, this machine or this kind of cluster can't play it"
            );
        }

        text.AppendLine();
        text.AppendLine("What clients of the .NET library believed, and `raftlocks verify` of each journal:");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"- {HolderViews(verdict)}");
        foreach (var journal in verdict.Journals)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {journal}");
        }

        text.AppendLine()
            .AppendLine("Whether all answers are explained by the one rule, each between its question and its answer:")
            .AppendLine();
        foreach (var history in verdict.Checked)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {history}");
        }

        text.AppendLine()
            .AppendLine(
                CultureInfo.InvariantCulture,
                $"The longest times without a grant while a majority was healthy and connected (bound "
                    + $"{verdict.Options.AvailabilityBoundS} s; this machine stood still {verdict.Stalls.Count} times):"
            )
            .AppendLine();
        foreach (var silence in verdict.Silences)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {silence}");
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
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"- and {verdict.Violations.Count - ShownViolations} more"
                );
            }
        }

        return text.ToString();
    }
}
