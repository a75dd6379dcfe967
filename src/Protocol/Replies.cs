// The server's answers: {"id":"1","action":"lock","state":"acquired"}. The id is a decimal string, as existing clients
// expect. On a channel other than the main one a reply begins with it: {"channel":"x","id":"1",…}.
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RaftLocks.Protocol;

/// <summary>Writes replies.</summary>
public static class Replies
{
    /// <summary>Room that any reply on the main channel fits in; on another one its field comes on top.</summary>
    public const int MaxBytes = 96;

    /// <summary>Writes a reply; returns its length.</summary>
    /// <param name="destination">Room for <see cref="MaxBytes"/> and the channel's field.</param>
    /// <param name="id">The request's number; 0 where none was given.</param>
    /// <param name="action">What is answered.</param>
    /// <param name="state">The state of the channel now.</param>
    /// <param name="channelField">From <see cref="ChannelField"/>; empty for the main channel.</param>
    /// <param name="reason">Why there is no lock.</param>
    public static int Write(
        Span<byte> destination,
        ulong id,
        ClientAction action,
        ConnectionState state,
        ReadOnlySpan<byte> channelField = default,
        EndReason reason = EndReason.None
    )
    {
        var length = 0;
        Append(destination, ref length, "{"u8);
        Append(destination, ref length, channelField);
        if (reason != EndReason.Busy)
        {
            Append(destination, ref length, "\"id\":\""u8);
            Utf8Formatter.TryFormat(id, destination[length..], out var digits);
            length += digits;
            Append(destination, ref length, "\","u8);
        }

        Append(
            destination,
            ref length,
            action switch
            {
                ClientAction.Lock => "\"action\":\"lock\",\"state\":\""u8,
                ClientAction.Release => "\"action\":\"release\",\"state\":\""u8,
                ClientAction.Downgrade => "\"action\":\"downgrade\",\"state\":\""u8,
                ClientAction.Ping => throw new UnreachableException("A ping has a reply of its own."),
            }
        );
        Append(
            destination,
            ref length,
            state switch
            {
                ConnectionState.Acquired => "acquired\""u8,
                ConnectionState.Enqueued => "enqueued\""u8,
                ConnectionState.Ready => "ready\""u8,
            }
        );
        if (reason != EndReason.None)
        {
            Append(destination, ref length, ",\"reason\":\""u8);
            Append(destination, ref length, Word(reason));
            Append(destination, ref length, "\""u8);
        }

        Append(destination, ref length, "}"u8);
        return length;
    }

    /// <summary>The field that begins each reply on a channel: <c>"channel":"x",</c>.</summary>
    public static byte[] ChannelField(ReadOnlySpan<byte> channel) =>
        Encoding.UTF8.GetBytes(
            $"\"channel\":\"{JsonEncodedText.Encode(channel, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\","
        );

    /// <summary>The answer to a ping.</summary>
    public static byte[] Pong(ReadOnlySpan<byte> reference) =>
        reference.IsEmpty
            ? "{\"action\":\"pong\"}"u8.ToArray()
            : Encoding.UTF8.GetBytes($"{{\"action\":\"pong\",\"t\":\"{Escaped(reference)}\"}}");

    private static JsonEncodedText Escaped(ReadOnlySpan<byte> text) =>
        JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    internal static ReadOnlySpan<byte> Word(EndReason reason) =>
        reason switch
        {
            EndReason.Busy => "busy"u8,
            EndReason.Timeout => "timeout"u8,
            EndReason.Abandoned => "abandoned"u8,
            EndReason.Revoked => "revoked"u8,
            EndReason.None => throw new UnreachableException("Where no reason is given, none is written."),
        };

    private static void Append(Span<byte> destination, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination[length..]);
        length += text.Length;
    }
}
