// Reads a server's frames (RFC 6455, section 5) and puts messages together from them.
using System.Buffers.Binary;

namespace RaftLocks.Client.Wire;

/// <summary>A frame as it was read.</summary>
/// <param name="Opcode">The kind of frame.</param>
/// <param name="IsFinal">Whether it ends its message.</param>
/// <param name="Payload">Its content, valid until the next frame is read.</param>
internal readonly record struct Frame(Opcode Opcode, bool IsFinal, ReadOnlyMemory<byte> Payload);

/// <summary>Reads frames from a connection.</summary>
/// <param name="stream">The connection.</param>
/// <param name="begun">What was read of it already.</param>
internal sealed class FrameReader(Stream stream, ReadOnlyMemory<byte> begun)
{
    /// <summary>
    /// A resume carries all resources of a lock, and those may be almost as long as a message may be.
    /// </summary>
    public const int MaxMessageBytes = 256 * 1024;

    private const int FirstBytes = 8 * 1024;
    private const int ShortHeader = 2;
    private const byte Final = 0x80;
    private const byte Reserved = 0x70;
    private const byte OpcodeBits = 0x0f;
    private const byte Masked = 0x80;
    private const byte Length16 = 126;
    private const byte Length64 = 127;
    private const int MaxControlBytes = 125;

    private byte[] buffer = Begin(begun);
    private int start;
    private int end = begun.Length;

    /// <summary>Waits for the next frame.</summary>
    /// <exception cref="EndOfStreamException">The other end has closed the connection without a close
    /// frame.</exception>
    /// <exception cref="IOException">The connection broke, or what came is no frame of a server.</exception>
    public Frame Read()
    {
        Fill(ShortHeader);
        var first = buffer[start];
        var second = buffer[start + 1];
        if ((first & Reserved) != 0 || (second & Masked) != 0)
        {
            throw new IOException("the node sent what is no frame of a WebSocket server");
        }

        var header = ShortHeader;
        ulong length = second;
        if (length == Length16)
        {
            header += sizeof(ushort);
            Fill(header);
            length = BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(start + ShortHeader));
        }
        else if (length == Length64)
        {
            header += sizeof(ulong);
            Fill(header);
            length = BinaryPrimitives.ReadUInt64BigEndian(buffer.AsSpan(start + ShortHeader));
        }

        var opcode = (Opcode)(first & OpcodeBits);
        var isFinal = (first & Final) != 0;
        if (length > MaxMessageBytes)
        {
            throw new IOException($"the node sent a message of more than {MaxMessageBytes} bytes");
        }

        if (opcode >= Opcode.Close && (length > MaxControlBytes || !isFinal))
        {
            throw new IOException("the node sent a control frame that is too long");
        }

        Fill(header + (int)length);
        var payload = buffer.AsMemory(start + header, (int)length);
        start += header + (int)length;
        return new Frame(opcode, isFinal, payload);
    }

    private static byte[] Begin(ReadOnlyMemory<byte> begun)
    {
        var first = new byte[Math.Max(FirstBytes, begun.Length)];
        begun.CopyTo(first);
        return first;
    }

    /// <summary>Waits until so many bytes are there.</summary>
    private void Fill(int bytes)
    {
        if (end - start >= bytes)
        {
            return;
        }

        if (start + bytes > buffer.Length)
        {
            var room = bytes > buffer.Length ? new byte[Math.Max(bytes, buffer.Length * 2)] : buffer;
            buffer.AsSpan(start, end - start).CopyTo(room);
            buffer = room;
            end -= start;
            start = 0;
        }

        while (end - start < bytes)
        {
            var read = stream.Read(buffer, end, buffer.Length - end);
            if (read == 0)
            {
                throw new EndOfStreamException("the node ended the connection");
            }

            end += read;
        }
    }
}
