// The messages of a client as JSON. A lock that has to be asked for again after a reconnect says what is left of its
// wait then.
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RaftLocks.Client.Wire;

internal static class ClientMessages
{
    /// <summary>Resources that a lock may name.</summary>
    public const int MaxResources = 256;

    /// <summary>Bytes that a message may have.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static byte[] Lock(
        string channel,
        string reference,
        string? label,
        long? waitTimeoutMs,
        IReadOnlyCollection<LockResource> resources
    ) =>
        Write(json =>
        {
            json.WriteString("channel"u8, channel);
            json.WriteString("action"u8, "lock"u8);
            json.WriteString("ref"u8, reference);
            if (label is not null)
            {
                json.WriteString("label"u8, label);
            }

            if (waitTimeoutMs is { } limit)
            {
                json.WriteNumber("waitTimeoutMs"u8, limit);
            }

            json.WriteStartArray("resources"u8);
            foreach (var resource in resources)
            {
                json.WriteStartObject();
                json.WriteString("type"u8, resource.Type == LockType.Write ? "write"u8 : "read"u8);
                json.WriteStartArray("path"u8);
                foreach (var segment in resource.Path)
                {
                    json.WriteStringValue(segment);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    public static byte[] Release(string channel) => Action(channel, "release"u8);

    public static byte[] Downgrade(string channel) => Action(channel, "downgrade"u8);

    public static byte[] Ping(long number) =>
        Write(json =>
        {
            json.WriteString("action"u8, "ping"u8);
            Span<byte> digits = stackalloc byte[20];
            number.TryFormat(digits, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
            json.WriteString("t"u8, digits[..length]);
        });

    private static byte[] Action(string channel, ReadOnlySpan<byte> action)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        json.WriteString("channel"u8, channel);
        json.WriteString("action"u8, action);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        fields(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
