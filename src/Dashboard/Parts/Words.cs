// How things are put for people: paths, times, names. What clients chose is shown as it is, but no character of it can
// hide or turn the text around it.
using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

internal static class Words
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A path as a person writes it: a/b, or ["a","b"] where that would be ambiguous.</summary>
    public static string Path(IReadOnlyList<string> segments) =>
        segments.Count > 0
        && segments.All(segment => segment.Length > 0 && !segment.Contains('/', StringComparison.Ordinal))
        && !segments[0].StartsWith('[')
            ? string.Join('/', segments)
            : JsonSerializer.Serialize(segments, Plain);

    /// <summary>The other way round; null if it is no path.</summary>
    public static IReadOnlyList<string>? Segments(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!text.StartsWith('['))
        {
            return text.Trim('/').Split('/');
        }

        try
        {
            return JsonSerializer.Deserialize<string[]>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Makes control and formatting characters visible.</summary>
    public static string Shown(string? text)
    {
        if (text is null || !text.EnumerateRunes().Any(IsHidden))
        {
            return text ?? "";
        }

        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            _ = IsHidden(rune)
                ? shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}")
                : shown.Append(rune.ToString());
        }

        return shown.ToString();
    }

    /// <summary>How long something took, or has lasted.</summary>
    public static string Duration(long ms) =>
        ms switch
        {
            < 0 => "0 ms",
            < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{ms} ms"),
            < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:0.0} s"),
            < 120_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000} s"),
            < 7_200_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 60_000} min"),
            < 172_800_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 3_600_000} h"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{ms / 86_400_000} days"),
        };

    /// <summary>Since a moment of the leader's clock.</summary>
    public static string Since(long? atMs) =>
        atMs is { } at ? Duration(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - at) : "?";

    /// <summary>The same, as a page tells the moment.</summary>
    public static string Since(string? moment) => Since(Ms(moment));

    /// <summary>A moment that a page tells, as milliseconds; null if it tells none.</summary>
    public static long? Ms(string? moment) =>
        DateTimeOffset.TryParse(moment, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.ToUnixTimeMilliseconds()
            : null;

    /// <summary>A moment of the leader's clock.</summary>
    public static string Moment(long atMs) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(atMs)
            .ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A number with thousands apart.</summary>
    public static string Number(double value) =>
        value is > 0 and < 10 && value != Math.Floor(value)
            ? value.ToString("0.0", CultureInfo.InvariantCulture)
            : value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202F');

    /// <summary>Returns how a request is shown: its label, else its number.</summary>
    public static string Who(RequestInfo one) =>
        string.IsNullOrEmpty(one.Label) ? $"request #{one.Id}" : Shown(one.Label);

    /// <summary>A size.</summary>
    public static string Bytes(long bytes) =>
        bytes < 1 << 20
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB");

    private static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}
