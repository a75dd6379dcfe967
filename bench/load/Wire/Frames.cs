using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace RaftLocks.Load.Wire;

// Frames of RFC 6455 as far as a client of this server needs them: never in fragments, and masked with zeros, which
// leaves the text as it is.

/// <summary>A frame: its first byte, what it carries, and how long it is as a whole.</summary>
internal readonly ref struct Frame(byte kind, ReadOnlySpan<byte> payload, int length)
{
    public readonly byte Kind = kind;
    public readonly ReadOnlySpan<byte> Payload = payload;
    public readonly int Length = length;

    /// <summary>The reason of a close frame: the text behind the two bytes of its code.</summary>
    public string CloseText =>
        "closed by the server: " + Encoding.UTF8.GetString(Payload.Length > 2 ? Payload[2..] : default);
}

/// <summary>Reads a server's frames and writes a client's.</summary>
internal static class Frames
{
    public const byte Text = 0x81;
    public const byte Close = 0x88;
    public const byte Ping = 0x89;
    public const byte Pong = 0x8A;

    private const byte Masked = 0x80;
    private const int LongLength = 126;
    private const int MaskBytes = 4;

    /// <summary>Reads the first frame, if it is there as a whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Frame frame)
    {
        frame = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        var head = bytes[1] == LongLength ? 4 : 2;
        if (bytes.Length < head)
        {
            return false;
        }

        var size = head == 4 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) : bytes[1];
        if (bytes.Length < head + size)
        {
            return false;
        }

        frame = new Frame(bytes[0], bytes.Slice(head, size), head + size);
        return true;
    }

    /// <summary>One frame.</summary>
    public static byte[] Write(byte kind, ReadOnlySpan<byte> payload)
    {
        var to = new ArrayBufferWriter<byte>(payload.Length + 8);
        Write(to, kind, payload);
        return to.WrittenSpan.ToArray();
    }

    /// <summary>Appends a text message.</summary>
    public static void WriteText(IBufferWriter<byte> to, ReadOnlySpan<byte> message) => Write(to, Text, message);

    private static void Write(IBufferWriter<byte> to, byte kind, ReadOnlySpan<byte> payload)
    {
        var head = payload.Length < LongLength ? 2 : 4;
        var frame = to.GetSpan(head + MaskBytes + payload.Length);
        frame[0] = kind;
        frame[1] = (byte)(Masked | Math.Min(payload.Length, LongLength));
        if (head == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame[2..], checked((ushort)payload.Length));
        }

        frame.Slice(head, MaskBytes).Clear();
        payload.CopyTo(frame[(head + MaskBytes)..]);
        to.Advance(head + MaskBytes + payload.Length);
    }
}
