// The server's side of protocol v1: {"id":"1","action":"lock","state":"acquired"}. The id is a decimal string, as existing clients expect.
using System.Buffers.Text;

namespace RaftLocks.Protocol;

/// <summary>Writes replies.</summary>
public static class Replies
{
    /// <summary>Room that any reply fits in.</summary>
    public const int MaxBytes = 96;

    /// <summary>Writes a reply; returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/> long.</param>
    /// <param name="id">The request's number.</param>
    /// <param name="action">What is answered.</param>
    /// <param name="state">Where the connection stands now.</param>
    public static int Write(Span<byte> destination, ulong id, ClientAction action, ConnectionState state)
    {
        var length = 0;
        Append(destination, ref length, "{\"id\":\""u8);
        Utf8Formatter.TryFormat(id, destination[length..], out var digits);
        length += digits;
        Append(destination, ref length, action == ClientAction.Lock ? "\",\"action\":\"lock\",\"state\":\""u8 : "\",\"action\":\"release\",\"state\":\""u8);
        Append(destination, ref length, state switch
        {
            ConnectionState.Acquired => "acquired\"}"u8,
            ConnectionState.Enqueued => "enqueued\"}"u8,
            _ => "ready\"}"u8,
        });
        return length;
    }

    private static void Append(Span<byte> destination, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination[length..]);
        length += text.Length;
    }
}
