// The picture of a run: grants per second, who led, and the faults below.
using System.Globalization;
using System.Text;

namespace RaftLocks.Chaos.Report;

/// <summary>Draws SVG.</summary>
internal static class Timeline
{
    private const double Width = 1000;
    private const double Left = 60;
    private const double CurveHeight = 160;
    private const double LeaderTop = CurveHeight + 30;
    private const double FaultTop = LeaderTop + 40;
    private const double FaultHeight = 14;
    private static readonly string[] Colours = ["#4477aa", "#ee8833", "#228844", "#aa3377", "#888888"];

    /// <summary>Draws the timeline.</summary>
    public static string Of(Verdict verdict)
    {
        double X(double ms) => Left + (ms / verdict.Ms * (Width - Left - 10));
        var kinds = verdict.InjectedFaults.Select(injected => injected.Kind).Distinct().Order().ToList();
        var height = FaultTop + ((kinds.Count + 1) * (FaultHeight + 4)) + 10;
        var svg = new StringBuilder();
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height:F0}\" "
                + $"font-family=\"sans-serif\" font-size=\"11\">"
        );
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<rect width=\"{Width}\" height=\"{height:F0}\" fill=\"white\"/>"
        );

        var rates = verdict
            .Samples.Zip(
                verdict.Samples.Skip(1),
                (a, b) => (At: b.AtMs, Rate: (b.Grants - a.Grants) / Math.Max(1e-9, (b.AtMs - a.AtMs) / 1000))
            )
            .ToArray();
        var top = Math.Max(1, rates.Select(rate => rate.Rate).DefaultIfEmpty().Max());
        var points = string.Join(
            ' ',
            rates.Select(rate =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{X(rate.At):F1},{10 + (CurveHeight * (1 - (rate.Rate / top))):F1}"
                )
            )
        );
        svg.AppendLine(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"#333\"/>");
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<text x=\"4\" y=\"20\">{top:F0}/s</text><text x=\"4\" y=\"{CurveHeight:F0}\">grants</text>"
        );

        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"4\" y=\"{LeaderTop + 12:F0}\">leader</text>");
        foreach (
            var (a, b) in verdict.Samples.Zip(verdict.Samples.Skip(1)).Where(pair => pair.First.Leader is not null)
        )
        {
            var number = int.Parse(a.Leader![1..], CultureInfo.InvariantCulture) - 1;
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<rect x=\"{X(a.AtMs):F1}\" y=\"{LeaderTop}\" width=\"{X(b.AtMs) - X(a.AtMs) + 0.5:F1}\" "
                    + $"height=\"16\" fill=\"{Colours[number % Colours.Length]}\"><title>{a.Leader}, term "
                    + $"{a.Term}</title></rect>"
            );
        }

        for (var row = 0; row < kinds.Count; row++)
        {
            var y = FaultTop + (row * (FaultHeight + 4));
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"4\" y=\"{y + 11:F0}\">{kinds[row]}</text>");
            foreach (var injected in verdict.InjectedFaults.Where(injected => injected.Kind == kinds[row]))
            {
                svg.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"<rect x=\"{X(injected.FromMs):F1}\" y=\"{y:F1}\" "
                        + $"width=\"{Math.Max(1, X(injected.ToMs) - X(injected.FromMs)):F1}\" "
                        + $"height=\"{FaultHeight}\" fill=\"#cc3311\"><title>{injected}</title></rect>"
                );
            }
        }

        return svg.AppendLine("</svg>").ToString();
    }
}
