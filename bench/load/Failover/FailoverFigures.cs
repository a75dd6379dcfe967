using System.Globalization;
using System.Text;

namespace RaftLocks.Load.Failover;

/// <summary>What the rounds of one kind of death came to, ms.</summary>
internal sealed record FailoverFigures(string Failover, int Nodes, int Rounds, double P50Ms, double P99Ms, double MaxMs)
{
    /// <summary>Summarises the rounds.</summary>
    public static FailoverFigures Of(FailoverRun run, List<double> took)
    {
        took.Sort();
        return new FailoverFigures(
            run.LeaderFailure.Title(),
            run.Size,
            took.Count,
            Math.Round(Percentile(took, 0.50)),
            Math.Round(Percentile(took, 0.99)),
            Math.Round(took[^1])
        );
    }

    /// <summary>All of them as a table of Markdown: a line for each kind, columns for each size.</summary>
    public static string Table(IReadOnlyList<FailoverFigures> all)
    {
        int[] sizes = [.. all.Select(figures => figures.Nodes).Distinct().Order()];
        var table = new StringBuilder("| the leader |");
        foreach (var size in sizes)
        {
            table.Append(CultureInfo.InvariantCulture, $" {size} nodes: p50 | p99 | max |");
        }

        table.AppendLine().Append("|---|").Insert(table.Length, "---|", sizes.Length * 3).AppendLine();
        foreach (var kind in all.GroupBy(figures => figures.Failover, StringComparer.Ordinal))
        {
            table.Append(CultureInfo.InvariantCulture, $"| {kind.Key} |");
            foreach (var size in sizes)
            {
                table.Append(
                    kind.FirstOrDefault(figures => figures.Nodes == size) is { } known
                        ? string.Create(
                            CultureInfo.InvariantCulture,
                            $" {known.P50Ms} | {known.P99Ms} | {known.MaxMs} |"
                        )
                        : " - | - | - |"
                );
            }

            table.AppendLine();
        }

        return table.ToString();
    }

    // The smallest measured value that at least this share of the rounds did not exceed.
    private static double Percentile(List<double> sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
}
