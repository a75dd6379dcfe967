// Times as people write them: 250ms, 30s, 5m, 2h; a number alone is seconds.
using System.CommandLine;
using System.Globalization;

namespace RaftLocks.Cli.Shared;

/// <summary>A time whose text is what the options accept.</summary>
internal readonly record struct Duration(TimeSpan Time)
{
    /// <inheritdoc/>
    public override string ToString() => Durations.Exact(Time);
}

internal static class Durations
{
    private static readonly (string Unit, double Seconds)[] Units =
    [
        ("ms", 0.001),
        ("s", 1),
        ("m", 60),
        ("h", 3600),
        ("d", 86400),
        ("", 1),
    ];

    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var (unit, seconds) = Units.First(unit => text.EndsWith(unit.Unit, StringComparison.Ordinal));
        if (
            !double.TryParse(
                text[..^unit.Length],
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var number
            )
            || !double.IsFinite(number)
            || number * seconds > Longest.TotalSeconds
        )
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(number * seconds);
        return true;
    }

    /// <summary>Formats a duration for people: "12 s", "3 min".</summary>
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

    /// <summary>In the form that is parsed: "12s", "1500ms".</summary>
    public static string Exact(TimeSpan duration)
    {
        var ms = (long)duration.TotalMilliseconds;
        var (number, unit) =
            ms == 0 ? (0, "s")
            : ms % 86_400_000 == 0 ? (ms / 86_400_000, "d")
            : ms % 3_600_000 == 0 ? (ms / 3_600_000, "h")
            : ms % 60_000 == 0 && ms >= 120_000 ? (ms / 60_000, "m")
            : ms % 1000 == 0 ? (ms / 1000, "s")
            : (ms, "ms");
        return string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
    }

    /// <summary>An option with a default.</summary>
    public static Option<Duration> Option(string name, string description, TimeSpan otherwise, TimeSpan? most = null) =>
        new(name)
        {
            Description = description,
            HelpName = "TIME",
            DefaultValueFactory = _ => new Duration(otherwise),
            CustomParser = result => Parse(result, name, most) ?? default,
        };

    /// <summary>An option that may be left out.</summary>
    public static Option<Duration?> Optional(string name, string description, TimeSpan? most = null) =>
        new(name)
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = result => Parse(result, name, most),
        };

    private static Duration? Parse(System.CommandLine.Parsing.ArgumentResult result, string name, TimeSpan? most)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (!TryParse(text, out var duration))
        {
            result.AddError($"{name} '{text}' is no time such as 250ms, 30s, 5m or 2h.");
        }
        else if (duration > most)
        {
            result.AddError($"{name} {text}: at most {Exact(most.Value)}.");
        }
        else
        {
            return new Duration(duration);
        }

        return null;
    }
}
