using System.Globalization;
using System.Text;

namespace RaftLocks.Load.Compare;

// Medians and ranges over the rounds, as a Markdown table. The ratio is to the first contender's median in the same
// scene.

/// <summary>Renders results.</summary>
internal static class Table
{
    /// <summary>The table of all runs.</summary>
    public static string Of(IEnumerable<(Scene Scene, Figures Figures)> runs)
    {
        var text = new StringBuilder();
        text.AppendLine(
            "| load | server | cycles/s, median (range) | first ÷ this | p50 ms | p99 ms | p99.9 ms | share of "
                + "one client | errors |"
        );
        text.AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var scene in runs.GroupBy(run => run.Scene))
        {
            double? first = null;
            foreach (
                var server in scene
                    .Select(run => run.Figures)
                    .GroupBy(figures => figures.Server, StringComparer.Ordinal)
            )
            {
                var median = Median(server, figures => figures.CyclesPerSecond);
                first ??= median;
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {scene.Key} | {server.Key} | {median:N0} "
                        + $"({server.Min(f => f.CyclesPerSecond):N0}–{server.Max(f => f.CyclesPerSecond):N0}) | "
                        + $"{first / median:F2} | {Median(server, f => f.P50Ms):F2} | "
                        + $"{Median(server, f => f.P99Ms):F2} | {Median(server, f => f.P999Ms):F2} | "
                        + $"{Shares(server)} | {server.Sum(f => f.Errors)} |"
                );
            }
        }

        return text.ToString();
    }

    /// <summary>The middle one; of an even number, the mean of the two.</summary>
    public static double Median<T>(IEnumerable<T> runs, Func<T, double> figure)
    {
        var sorted = runs.Select(figure).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Shares(IEnumerable<Figures> runs) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Median(runs, f => Share(f, f.LeastCyclesOfAClient)):F2}–"
                + $"{Median(runs, f => Share(f, f.MostCyclesOfAClient)):F2}"
        );

    // 1 is a fair share.
    private static double Share(Figures figures, long cycles) =>
        figures.Cycles == 0 ? 0 : (double)cycles * figures.Clients / figures.Cycles;
}
