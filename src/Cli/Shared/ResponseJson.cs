// A node's JSON as it came, for programs: with fields too that this build does not know.
using System.Text.Encodings.Web;
using System.Text.Json;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Shared;

internal static class ResponseJson
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// In several lines. What is not shown as itself can only be within a string, where it may be escaped.
    /// </summary>
    public static string Pretty(ReadOnlyMemory<byte> json)
    {
        using var parsed = JsonDocument.Parse(json);
        var lines = JsonSerializer.Serialize(parsed.RootElement, Indented).Split('\n');
        return string.Join('\n', lines.Select(PrintableText.Of));
    }

    /// <summary>Formats JSON in one line.</summary>
    public static string Line(ReadOnlyMemory<byte> json)
    {
        using var parsed = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(parsed.RootElement);
    }
}
