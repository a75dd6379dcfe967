// Reads what ByteWriter wrote. Nothing throws: each read says whether the bytes were there and within their limit.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace RaftLocks.StateMachine.Primitives;

internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    public readonly ReadOnlySpan<byte> Rest => rest;

    public readonly bool AtEnd => rest.IsEmpty;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryByte(out byte value)
    {
        if (rest.IsEmpty)
        {
            value = 0;
            return false;
        }

        value = rest[0];
        rest = rest[1..];
        return true;
    }

    public bool TryInt32(out int value)
    {
        var there = TryRaw(4, out var bytes);
        value = there ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;
        return there;
    }

    public bool TryInt64(out long value)
    {
        var there = TryRaw(8, out var bytes);
        value = there ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
        return there;
    }

    public bool TryUInt128(out UInt128 value)
    {
        var there = TryRaw(16, out var bytes);
        value = there ? BinaryPrimitives.ReadUInt128LittleEndian(bytes) : default;
        return there;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRaw(int count, out ReadOnlySpan<byte> bytes)
    {
        if ((uint)rest.Length < (uint)count)
        {
            bytes = default;
            return false;
        }

        bytes = rest[..count];
        rest = rest[count..];
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBlock(int limit, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryVarint(out var length) && length <= (ulong)limit && TryRaw((int)length, out bytes);
    }

    /// <summary>LEB128 in its shortest form: equal values have equal bytes. Nearly all are a single byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryVarint(out ulong value)
    {
        if (rest.Length > 0 && rest[0] < 0x80)
        {
            value = rest[0];
            rest = rest[1..];
            return true;
        }

        return TryLongVarint(out value);
    }

    public bool TryVarintInt64(out long value)
    {
        var there = TryVarint(out var unsigned) && unsigned <= long.MaxValue;
        value = there ? (long)unsigned : 0;
        return there;
    }

    private bool TryLongVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < rest.Length && i < 10; i++)
        {
            var part = rest[i];
            if (i == 9 && part > 1)
            {
                return false;
            }

            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                rest = rest[(i + 1)..];
                return part != 0 || i == 0;
            }
        }

        return false;
    }
}
