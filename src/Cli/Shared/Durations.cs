// Times as people write them: 250ms, 30s, 5m, 2h; a number alone is seconds.
using System.CommandLine;
using System.Globalization;

namespace RaftLocks.Cli.Shared;

internal static class Durations
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("", 1)];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var (unit, seconds) = Units.First(unit => text.EndsWith(unit.Unit, StringComparison.Ordinal));
        if (!double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number * seconds > 366 * 86400.0)
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(number * seconds);
        return true;
    }

    /// <summary>For people: "12 s", "3 min".</summary>
    public static string Format(TimeSpan duration)
    {
        var (number, unit) = duration.TotalSeconds switch
        {
            < 1 => (Math.Max(0, duration.TotalMilliseconds), "ms"),
            < 120 => (duration.TotalSeconds, "s"),
            < 7200 => (duration.TotalMinutes, "min"),
            < 172_800 => (duration.TotalHours, "h"),
            _ => (duration.TotalDays, "d"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{number:0} {unit}");
    }

    public static Option<TimeSpan?> Option(string name, string description, TimeSpan? otherwise = null) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (TryParse(result.Tokens[0].Value, out var duration))
            {
                return duration;
            }

            result.AddError($"{name} '{result.Tokens[0].Value}' is no time such as 250ms, 30s, 5m or 2h.");
            return null;
        },
    };
}
