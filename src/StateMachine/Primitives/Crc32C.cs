// CRC-32C (Castagnoli, RFC 3720 appendix B.4), over the processor's own instruction where there is one.
using System.Buffers.Binary;
using System.Numerics;

namespace RaftLocks.StateMachine.Primitives;

internal static class Crc32C
{
    /// <summary>Bytes of a checksum.</summary>
    public const int Size = 4;

    public const uint Seed = 0xFFFF_FFFF;

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Update(Seed, bytes);

    public static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var last in bytes)
        {
            crc = BitOperations.Crc32C(crc, last);
        }

        return crc;
    }
}
