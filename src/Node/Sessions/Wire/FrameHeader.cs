// The head of a WebSocket frame as a client sends it (RFC 6455, section 5.2): read from bytes, and checked. A client's
// frames are masked: each byte of the payload is combined with one of four bytes in turn (section 5.3).
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>The type of a frame.</summary>
internal enum FrameType : byte
{
    /// <summary>Goes on with the message before.</summary>
    Continuation = 0,

    /// <summary>Begins a text message.</summary>
    Text = 1,

    /// <summary>Begins a binary message.</summary>
    Binary = 2,

    /// <summary>The sender sends nothing more.</summary>
    Close = 8,

    /// <summary>Asks for a pong.</summary>
    Ping = 9,

    /// <summary>Answers a ping.</summary>
    Pong = 10,
}

/// <summary>The head of one frame.</summary>
/// <param name="Type">What kind of frame it is.</param>
/// <param name="IsFinal">Whether its message ends with it.</param>
/// <param name="PayloadBytes">Length of the payload.</param>
/// <param name="Mask">The key that the payload is masked with, in the order in which it was sent.</param>
/// <param name="Bytes">Length of the head itself.</param>
internal readonly record struct FrameHeader(FrameType Type, bool IsFinal, long PayloadBytes, uint Mask, int Bytes)
{
    /// <summary>Bytes that a control frame may carry.</summary>
    public const int MaxControlBytes = 125;

    /// <summary>Bytes of the longest head.</summary>
    public const int MaxBytes = 14;

    private const byte Final = 0x80;
    private const byte Reserved = 0x70;
    private const byte TypeBits = 0x0F;
    private const byte Masked = 0x80;
    private const int Length16 = 126;
    private const int Length64 = 127;
    private const int MaskBytes = 4;

    /// <summary>Whether the frame is about the connection rather than part of a message.</summary>
    public bool IsControl => Type >= FrameType.Close;

    /// <summary>Reads a head.</summary>
    /// <param name="bytes">What has arrived so far.</param>
    /// <param name="header">The head.</param>
    /// <returns>False if more bytes are needed.</returns>
    /// <exception cref="WireProtocolException">It breaks the protocol; known as soon as its byte is there.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        var type = (FrameType)(bytes[0] & TypeBits);
        var isFinal = (bytes[0] & Final) != 0;
        var shortLength = bytes[1] & (byte.MaxValue - Masked);
        if (Check(bytes[0], type, isFinal, bytes[1], shortLength) is { } error)
        {
            throw new WireProtocolException(error);
        }

        var extended =
            shortLength == Length16 ? sizeof(ushort)
            : shortLength == Length64 ? sizeof(ulong)
            : 0;
        var size = 2 + extended + MaskBytes;
        if (bytes.Length < size)
        {
            return false;
        }

        var length = extended switch
        {
            0 => shortLength,
            sizeof(ushort) => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            _ => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
        };
        if (length < 0)
        {
            throw new WireProtocolException("a frame's length has its highest bit set");
        }

        var mask = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(2 + extended)..]);
        header = new FrameHeader(type, isFinal, length, mask, size);
        return true;
    }

    /// <summary>Writes the head of a frame of the server's, which has no mask; returns its length.</summary>
    public static int Write(Span<byte> into, FrameType type, bool isFinal, int payloadBytes)
    {
        into[0] = (byte)((isFinal ? Final : 0) | (byte)type);
        if (payloadBytes < Length16)
        {
            into[1] = (byte)payloadBytes;
            return 2;
        }

        if (payloadBytes <= ushort.MaxValue)
        {
            into[1] = Length16;
            BinaryPrimitives.WriteUInt16BigEndian(into[2..], (ushort)payloadBytes);
            return 2 + sizeof(ushort);
        }

        into[1] = Length64;
        BinaryPrimitives.WriteInt64BigEndian(into[2..], payloadBytes);
        return 2 + sizeof(ulong);
    }

    /// <summary>Undoes the mask of a part of the frame's payload.</summary>
    /// <param name="payload">The part.</param>
    /// <param name="offset">How many bytes of the payload came before this part.</param>
    public void Unmask(Span<byte> payload, long offset)
    {
        // The key's first byte is the lowest one, as the processor reads it from memory.
        var mask = BitOperations.RotateRight(Mask, 8 * (int)(offset & 3));
        var wide = (ulong)mask << 32 | mask;
        var words = MemoryMarshal.Cast<byte, ulong>(payload);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] ^= wide;
        }

        for (var i = words.Length * sizeof(ulong); i < payload.Length; i++)
        {
            payload[i] ^= (byte)(mask >> (8 * (i & 3)));
        }
    }

    private static string? Check(byte first, FrameType type, bool isFinal, byte second, int shortLength)
    {
        if ((first & Reserved) != 0)
        {
            return "a frame has a reserved bit set, but no extension was agreed on";
        }

        if (type is > FrameType.Binary and < FrameType.Close or > FrameType.Pong)
        {
            return $"a frame has the unknown type {(byte)type}";
        }

        if ((second & Masked) == 0)
        {
            return "a frame is not masked: a client masks all its frames";
        }

        return type < FrameType.Close ? null
            : !isFinal ? "a control frame is in parts: it must be whole"
            : shortLength > MaxControlBytes ? $"a control frame has more than {MaxControlBytes} bytes"
            : null;
    }
}
