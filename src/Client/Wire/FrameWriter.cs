// Writes a client's frames (RFC 6455, section 5). Frames that follow each other at once are gathered, so that many
// locks cost one write to the network. The runtime's own WebSocket is asynchronous throughout and resumes on the thread
// pool, which may be exhausted by callers that wait for what arrives here.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RaftLocks.Client.Wire;

internal enum Opcode
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>Writes frames to a connection. Thread-safe.</summary>
internal sealed class FrameWriter(Stream stream)
{
    private const int MaxHeldBytes = 16 * 1024;
    private const int MaxHeaderBytes = 14;
    private const int MaskBytes = 4;
    private const byte Final = 0x80;
    private const byte Masked = 0x80;
    private const int SmallLength = 125;
    private const byte Length16 = 126;
    private const byte Length64 = 127;

    private readonly Lock gate = new();
    private readonly byte[] masks = new byte[1024];
    private int masksUsed = 1024;
    private byte[] held = new byte[MaxHeldBytes];
    private int heldBytes;

    /// <summary>Writes a frame, now or together with the next one.</summary>
    public void Write(Opcode opcode, ReadOnlySpan<byte> payload, bool hasMore = false)
    {
        lock (gate)
        {
            Append(opcode, payload);
            if (!hasMore || heldBytes > MaxHeldBytes)
            {
                var bytes = heldBytes;
                heldBytes = 0;
                stream.Write(held, 0, bytes);
                stream.Flush();
            }
        }
    }

    private void Append(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var needed = heldBytes + MaxHeaderBytes + payload.Length;
        if (needed > held.Length)
        {
            Array.Resize(ref held, Math.Max(needed, held.Length * 2));
        }

        held[heldBytes++] = (byte)(Final | (int)opcode);
        if (payload.Length <= SmallLength)
        {
            held[heldBytes++] = (byte)(Masked | payload.Length);
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            held[heldBytes++] = Masked | Length16;
            BinaryPrimitives.WriteUInt16BigEndian(held.AsSpan(heldBytes), (ushort)payload.Length);
            heldBytes += sizeof(ushort);
        }
        else
        {
            held[heldBytes++] = Masked | Length64;
            BinaryPrimitives.WriteUInt64BigEndian(held.AsSpan(heldBytes), (ulong)payload.Length);
            heldBytes += sizeof(ulong);
        }

        var mask = NextMask();
        mask.CopyTo(held.AsSpan(heldBytes));
        heldBytes += MaskBytes;
        for (var at = 0; at < payload.Length; at++)
        {
            held[heldBytes + at] = (byte)(payload[at] ^ mask[at % MaskBytes]);
        }

        heldBytes += payload.Length;
    }

    // Masks must not be guessable by whoever chooses the payload; they are drawn many at a time.
    private ReadOnlySpan<byte> NextMask()
    {
        if (masksUsed + MaskBytes > masks.Length)
        {
            RandomNumberGenerator.Fill(masks);
            masksUsed = 0;
        }

        masksUsed += MaskBytes;
        return masks.AsSpan(masksUsed - MaskBytes, MaskBytes);
    }
}
