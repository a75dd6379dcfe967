// A moment, as milliseconds since 1970 or as a date and time.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftLocks.Dashboard;

/// <summary>Reads a moment as milliseconds.</summary>
public sealed class MomentConverter : JsonConverter<long?>
{
    /// <inheritdoc/>
    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.GetInt64(),
        JsonTokenType.String when DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) => at.ToUnixTimeMilliseconds(),
        _ => null,
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options)
    {
        if (value is { } ms)
        {
            writer.WriteNumberValue(ms);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
