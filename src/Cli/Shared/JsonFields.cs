// Reading the nodes' JSON for tables: what is missing or null is a dash, so that an older or newer node's answer is still shown.
using System.Globalization;
using System.Text.Json;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Shared;

internal static class JsonFields
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A field as text that is fit for a terminal.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? PrintableText.Of(value.ToString())
            : null;

    public static long? Number(this JsonElement json, string name) =>
        long.TryParse(json.Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool Is(this JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    public static IEnumerable<JsonElement> List(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    public static JsonElement? Object(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    /// <summary>"write orders/42, read prices".</summary>
    public static string Resources(this JsonElement json) => string.Join(", ", json.List("resources").Select(resource =>
        $"{resource.Text("type")} {PrintableText.Of(LockPath.Format([.. resource.List("path").Select(segment => segment.GetString() ?? "")]))}"));

    /// <summary>How long ago a time was, given as milliseconds since 1970 or as text.</summary>
    public static string Since(this JsonElement json, string name)
    {
        DateTimeOffset? then = json.Text(name) is not { } text ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : null;
        return then is { } at ? Durations.Format(TimeProvider.System.GetUtcNow() - at) : "-";
    }

    /// <summary>JSON in several lines. What is not shown as itself can only be within a string, where it may be escaped.</summary>
    public static string Pretty(this JsonElement json) => string.Join('\n', JsonSerializer.Serialize(json, Indented).Split('\n').Select(PrintableText.Of));
}
