// Messages that the server sends by itself to clients that asked for them: the state of a resumed session, the
// revocation of a lock, and changes of the position in the queue. Unlike replies they are rare, so they are written as
// whole byte arrays.
using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RaftLocks.Protocol;

/// <summary>A resource of a lock, as it is sent.</summary>
/// <param name="Mode">Read or write.</param>
/// <param name="Path">Its segments, UTF-8.</param>
public sealed record ResourceInfo(AccessMode Mode, IReadOnlyList<ReadOnlyMemory<byte>> Path);

/// <summary>A live request, as it is sent on resuming.</summary>
/// <param name="Id">Its number.</param>
/// <param name="State">Enqueued or acquired.</param>
/// <param name="Ref">The client's own reference; may be empty.</param>
/// <param name="Resources">The resources.</param>
/// <param name="AbandonTimeoutMs">How long it outlives its connection.</param>
public sealed record RequestInfo(
    ulong Id,
    ConnectionState State,
    ReadOnlyMemory<byte> Ref,
    IReadOnlyList<ResourceInfo> Resources,
    long AbandonTimeoutMs
);

/// <summary>The oldest request that blocks another.</summary>
/// <param name="Id">Its number.</param>
/// <param name="State">Enqueued or acquired.</param>
/// <param name="Label">The label; may be empty.</param>
/// <param name="SinceMs">For how long it has been so.</param>
public readonly record struct BlockerInfo(ulong Id, ConnectionState State, ReadOnlyMemory<byte> Label, long SinceMs);

/// <summary>Writes notices.</summary>
public static class Notices
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the state of a channel of a resumed session.</summary>
    /// <param name="channel">Empty for the main one.</param>
    /// <param name="live">Its request; null if it is ready.</param>
    /// <param name="why">Why it is ready, where that is known.</param>
    /// <param name="channels">How many such messages of other channels follow.</param>
    public static byte[] Resume(ReadOnlySpan<byte> channel, RequestInfo? live, EndReason why, int channels)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using var json = Begin(bytes, channel);
        json.WriteString("action"u8, "resume"u8);
        json.WriteString("state"u8, Word(live?.State ?? ConnectionState.Ready));
        if (live is null)
        {
            if (why != EndReason.None)
            {
                json.WriteString("reason"u8, Replies.Word(why));
            }
        }
        else
        {
            Id(json, live.Id);
            if (!live.Ref.IsEmpty)
            {
                json.WriteString("ref"u8, live.Ref.Span);
            }

            Resources(json, live.Resources);
            json.WriteNumber("abandonTimeoutMs"u8, live.AbandonTimeoutMs);
        }

        if (channels > 0)
        {
            json.WriteNumber("channels"u8, channels);
        }

        return End(json, bytes);
    }

    /// <summary>Writes that a lock must be released within a grace, or has been taken away.</summary>
    /// <param name="channel">Empty for the main one.</param>
    /// <param name="id">The id of the request.</param>
    /// <param name="state">Ready if it is gone.</param>
    /// <param name="reason">The administrator's words, UTF-8.</param>
    /// <param name="graceMs">How long it may still be held.</param>
    public static byte[] Revoke(
        ReadOnlySpan<byte> channel,
        ulong id,
        ConnectionState state,
        ReadOnlySpan<byte> reason,
        long graceMs
    )
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using var json = Begin(bytes, channel);
        Id(json, id);
        json.WriteString("action"u8, "revoke"u8);
        json.WriteString("state"u8, Word(state));
        json.WriteString("reason"u8, reason);
        if (state != ConnectionState.Ready)
        {
            json.WriteNumber("graceMs"u8, graceMs);
        }

        return End(json, bytes);
    }

    /// <summary>Writes that a lock is refused because a limit is reached; the connection and its other channels
    /// continue.</summary>
    /// <param name="channel">Empty for the main one.</param>
    /// <param name="limit">One word for the limit.</param>
    /// <param name="message">A sentence for people.</param>
    public static byte[] OverLimit(ReadOnlySpan<byte> channel, string limit, string message)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using var json = Begin(bytes, channel);
        json.WriteString("action"u8, "lock"u8);
        json.WriteString("state"u8, Word(ConnectionState.Ready));
        json.WriteString("reason"u8, "limit"u8);
        json.WriteString("limit"u8, limit);
        json.WriteString("message"u8, message);
        return End(json, bytes);
    }

    /// <summary>Writes the position in the queue.</summary>
    /// <param name="channel">Empty for the main one.</param>
    /// <param name="id">The id of the request.</param>
    /// <param name="place">The position; 1 for the next one.</param>
    /// <param name="blocker">The oldest request that blocks it.</param>
    public static byte[] Progress(ReadOnlySpan<byte> channel, ulong id, int place, BlockerInfo? blocker)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using var json = Begin(bytes, channel);
        Id(json, id);
        json.WriteString("action"u8, "progress"u8);
        json.WriteString("state"u8, "enqueued"u8);
        json.WriteNumber("place"u8, place);
        if (blocker is { } first)
        {
            json.WriteStartObject("blocker"u8);
            Id(json, first.Id);
            json.WriteString("state"u8, Word(first.State));
            if (!first.Label.IsEmpty)
            {
                json.WriteString("label"u8, first.Label.Span);
            }

            json.WriteNumber("sinceMs"u8, first.SinceMs);
            json.WriteEndObject();
        }

        return End(json, bytes);
    }

    private static Utf8JsonWriter Begin(ArrayBufferWriter<byte> bytes, ReadOnlySpan<byte> channel)
    {
        var json = new Utf8JsonWriter(bytes, Json);
        json.WriteStartObject();
        if (!channel.IsEmpty)
        {
            json.WriteString("channel"u8, channel);
        }

        return json;
    }

    private static byte[] End(Utf8JsonWriter json, ArrayBufferWriter<byte> bytes)
    {
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private static void Id(Utf8JsonWriter json, ulong id) =>
        json.WriteString("id"u8, id.ToString(CultureInfo.InvariantCulture));

    private static void Resources(Utf8JsonWriter json, IReadOnlyList<ResourceInfo> resources)
    {
        json.WriteStartArray("resources"u8);
        foreach (var resource in resources)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, resource.Mode == AccessMode.Read ? "read"u8 : "write"u8);
            json.WriteStartArray("path"u8);
            foreach (var segment in resource.Path)
            {
                json.WriteStringValue(segment.Span);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static ReadOnlySpan<byte> Word(ConnectionState state) =>
        state switch
        {
            ConnectionState.Acquired => "acquired"u8,
            ConnectionState.Enqueued => "enqueued"u8,
            ConnectionState.Ready => "ready"u8,
        };
}
