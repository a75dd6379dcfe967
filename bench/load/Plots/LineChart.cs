using System.Globalization;
using System.Net;
using System.Text;

namespace RaftLocks.Load.Plots;

/// <summary>Points that belong together.</summary>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>
/// A picture of how something grows: both axes are logarithmic, so that what grows in proportion is a straight line.
/// </summary>
internal sealed record LineChart(string Title, string XName, string YName, IReadOnlyList<Series> Series)
{
    private const double Width = 640;
    private const double Height = 360;
    private const double Left = 70;
    private const double Right = 190;
    private const double Top = 36;
    private const double Bottom = 44;
    private static readonly string[] Colours = ["#4477aa", "#ee8833", "#228844", "#aa3377", "#888888", "#ccaa22"];

    /// <summary>Draws the chart as SVG.</summary>
    public string ToSvg()
    {
        var all = Series.SelectMany(series => series.Points).ToList();
        var (x, y) = (
            Axis.Over(all.Select(point => point.X), Left, Width - Right),
            Axis.Over(all.Select(point => point.Y), Height - Bottom, Top)
        );
        var svg = new StringBuilder();
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" "
                + $"font-family=\"sans-serif\" font-size=\"11\">"
        );
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        Text(svg, Left, 20, Title, "start", " font-size=\"14\"");
        Text(svg, (Left + Width - Right) / 2, Height - 8, XName, "middle");
        Text(
            svg,
            14,
            (Height - Bottom + Top) / 2,
            YName,
            "middle",
            string.Create(CultureInfo.InvariantCulture, $" transform=\"rotate(-90 14 {(Height - Bottom + Top) / 2})\"")
        );
        foreach (var value in x.Ticks())
        {
            Line(svg, x.At(value), Top, x.At(value), Height - Bottom);
            Text(svg, x.At(value), Height - Bottom + 16, Named(value), "middle");
        }

        foreach (var value in y.Ticks())
        {
            Line(svg, Left, y.At(value), Width - Right, y.At(value));
            Text(svg, Left - 6, y.At(value) + 4, Named(value), "end");
        }

        for (var i = 0; i < Series.Count; i++)
        {
            var (colour, points) = (Colours[i % Colours.Length], Series[i].Points.OrderBy(point => point.X).ToList());
            var places = string.Join(
                ' ',
                points.Select(point =>
                    string.Create(CultureInfo.InvariantCulture, $"{x.At(point.X):F1},{y.At(point.Y):F1}")
                )
            );
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<polyline points=\"{places}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
            );
            foreach (var point in points)
            {
                svg.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"<circle cx=\"{x.At(point.X):F1}\" cy=\"{y.At(point.Y):F1}\" r=\"3\" "
                        + $"fill=\"{colour}\"><title>{Named(point.X)}: {Named(point.Y)}</title></circle>"
                );
            }

            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<rect x=\"{Width - Right + 14}\" y=\"{Top + (i * 18)}\" width=\"12\" height=\"4\" fill=\"{colour}\"/>"
            );
            Text(svg, Width - Right + 32, Top + (i * 18) + 6, Series[i].Name, "start");
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static string Named(double value) =>
        value switch
        {
            >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##} M"),
            >= 1e4 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0.##} k"),
            _ => value.ToString("0.###", CultureInfo.InvariantCulture),
        };

    private static void Line(StringBuilder svg, double fromX, double fromY, double toX, double toY) =>
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<line x1=\"{fromX:F1}\" y1=\"{fromY:F1}\" x2=\"{toX:F1}\" y2=\"{toY:F1}\" stroke=\"#dddddd\"/>"
        );

    private static void Text(StringBuilder svg, double x, double y, string text, string anchor, string more = "") =>
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\"{more}>{WebUtility.HtmlEncode(text)}</text>"
        );

    /// <summary>From the 1, 2 or 5 of a power of ten below all values to the one above.</summary>
    private readonly record struct Axis(double Low, double High, double From, double To)
    {
        public static Axis Over(IEnumerable<double> values, double from, double to)
        {
            var (low, high) = (double.MaxValue, double.MinValue);
            foreach (var value in values)
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }

            return new Axis(
                Steps().Last(step => step <= low),
                Steps().First(step => step >= high && step > low),
                from,
                to
            );
        }

        public double At(double value) => From + ((To - From) * Math.Log(value / Low) / Math.Log(High / Low));

        public IEnumerable<double> Ticks()
        {
            var (low, high) = (Low, High);
            var inside = Steps().Where(step => step >= low && step <= high).ToList();
            return inside.Count <= 10
                ? inside
                : inside.Where(step => Math.Abs(Math.Log10(step) - Math.Round(Math.Log10(step))) < 1e-9);
        }

        private static IEnumerable<double> Steps() =>
            from power in Enumerable.Range(-4, 14)
            from digit in (double[])[1, 2, 5]
            select digit * Math.Pow(10, power);
    }
}
