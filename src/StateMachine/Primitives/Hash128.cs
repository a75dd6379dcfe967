// A fast 128-bit hash for digests and tables: two lanes of multiply-and-fold (64x64 to 128 bits, as in wyhash by Wang
// Yi), eight bytes at a time. Not cryptographic: it tells replicas apart that differ by accident, the ledger's SHA-256
// tells the rest.
using System.Buffers.Binary;

namespace RaftLocks.StateMachine.Primitives;

internal static class Hash128
{
    private const ulong P0 = 0xA0761D6478BD642F;
    private const ulong P1 = 0xE7037ED1A0B428DB;
    private const ulong P2 = 0x8EBC6AF09C88C6E3;
    private const ulong P3 = 0x589965CC75374CC3;

    public static UInt128 Of(ReadOnlySpan<byte> bytes, ulong seed)
    {
        var low = seed ^ P0;
        var high = (seed + P1) ^ (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            low = Fold(low ^ word, P1);
            high = Fold(high ^ word, P3) + low;
        }

        if (!bytes.IsEmpty)
        {
            Span<byte> tail = stackalloc byte[8];
            tail.Clear();
            bytes.CopyTo(tail);
            var word = BinaryPrimitives.ReadUInt64LittleEndian(tail);
            low = Fold(low ^ word, P1);
            high = Fold(high ^ word, P3) + low;
        }

        return new UInt128(Fold(high ^ P2, low | 1), Fold(low ^ P3, high | 1));
    }

    public static uint OfSegment(ReadOnlySpan<byte> segment, uint seed)
    {
        var hash = seed ^ P0 ^ ((ulong)segment.Length << 32);
        for (; segment.Length >= 8; segment = segment[8..])
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(segment), P1);
        }

        foreach (var last in segment)
        {
            hash = (hash ^ last) * P2;
        }

        hash = Fold(hash, P3);
        return (uint)(hash ^ (hash >> 32));
    }

    public static UInt128 With(UInt128 hash, ulong value)
    {
        var low = Fold(hash.Low() ^ value, P0) + hash.High();
        return new UInt128(Fold(hash.High() ^ value ^ P2, P1) + low, low);
    }

    public static ulong Low(this UInt128 value) => (ulong)value;

    public static ulong High(this UInt128 value) => (ulong)(value >> 64);

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
