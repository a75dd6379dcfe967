// The CRC-32C at the end of bytes that come in parts: the last four so far may be it, and it does not cover itself.
using System.Buffers.Binary;

namespace RaftLocks.StateMachine.Primitives;

/// <summary>Checks bytes that end with the CRC-32C of all before it.</summary>
public sealed class TrailingChecksum
{
    private readonly byte[] last = new byte[Crc32C.Size];
    private int lastLength;
    private uint crc = Crc32C.Seed;

    /// <summary>Whether what was taken so far ends with its checksum.</summary>
    public bool Holds => lastLength == last.Length && ~crc == BinaryPrimitives.ReadUInt32LittleEndian(last);

    /// <summary>Reads the next part.</summary>
    public void Append(ReadOnlySpan<byte> part)
    {
        var held = Math.Min(part.Length, last.Length);
        var leaving = Math.Max(0, lastLength + held - last.Length);
        crc = Crc32C.Update(crc, last.AsSpan(0, leaving));
        last.AsSpan(leaving, lastLength - leaving).CopyTo(last);
        lastLength -= leaving;
        crc = Crc32C.Update(crc, part[..^held]);
        part[^held..].CopyTo(last.AsSpan(lastLength));
        lastLength += held;
    }
}
