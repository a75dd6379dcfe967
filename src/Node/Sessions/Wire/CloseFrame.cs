// The payload of a close frame: nothing, or a code and a reason (RFC 6455, sections 5.5.1 and 7.4).
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;

namespace RaftLocks.Node.Sessions.Wire;

internal static class CloseFrame
{
    private const int CodeBytes = sizeof(ushort);

    /// <summary>Reads a client's close.</summary>
    /// <param name="payload">The frame's payload, unmasked.</param>
    /// <param name="code">The code; <see cref="WebSocketCloseStatus.Empty"/> if there is none.</param>
    /// <param name="reason">The reason; null if there is none.</param>
    /// <exception cref="WireProtocolException">It breaks the protocol.</exception>
    public static void Read(ReadOnlySpan<byte> payload, out WebSocketCloseStatus code, out string? reason)
    {
        (code, reason) = (WebSocketCloseStatus.Empty, null);
        if (payload.IsEmpty)
        {
            return;
        }

        if (payload.Length < CodeBytes)
        {
            throw new WireProtocolException("a close frame has half a code");
        }

        var number = BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!MayBeSent(number))
        {
            throw new WireProtocolException($"a close frame has the code {number}, which must not be sent");
        }

        if (!Utf8.IsValid(payload[CodeBytes..]))
        {
            throw new WireProtocolException("the reason in a close frame is not valid UTF-8");
        }

        code = (WebSocketCloseStatus)number;
        reason = payload.Length == CodeBytes ? null : Encoding.UTF8.GetString(payload[CodeBytes..]);
    }

    /// <summary>Writes the payload; returns its length.</summary>
    public static int Write(Span<byte> into, WebSocketCloseStatus code, string? reason)
    {
        if (code == WebSocketCloseStatus.Empty)
        {
            return 0;
        }

        BinaryPrimitives.WriteUInt16BigEndian(into, (ushort)code);
        return CodeBytes + Encoding.UTF8.GetBytes(reason ?? "", into[CodeBytes..FrameHeader.MaxControlBytes]);
    }

    // The standard's own (1004 to 1006 and 1015 stand for what is never sent), and those of libraries and applications.
    private static bool MayBeSent(int code) =>
        code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
