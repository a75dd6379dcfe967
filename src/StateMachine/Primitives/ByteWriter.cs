// A growing buffer with the few primitives that all formats are made of: bytes, little-endian integers, LEB128 varints,
// and blocks (a varint length, then as many bytes).
using System.Buffers.Binary;

namespace RaftLocks.StateMachine.Primitives;

internal sealed class ByteWriter(int capacity = 256)
{
    private byte[] buffer = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => buffer.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Forgets all but the last bytes.</summary>
    public void Keep(int count)
    {
        buffer.AsSpan(Length - count, count).CopyTo(buffer);
        Length = count;
    }

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    public void UInt128(UInt128 value) => BinaryPrimitives.WriteUInt128LittleEndian(Reserve(16), value);

    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void Block(ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)bytes.Length);
        Raw(bytes);
    }

    public void Varint(ulong value)
    {
        var room = Ensure(10);
        var count = 0;
        while (value >= 0x80)
        {
            room[count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[count++] = (byte)value;
        Length += count;
    }

    public void PatchInt32(int position, int value) =>
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(position), value);

    private Span<byte> Reserve(int count)
    {
        var room = Ensure(count)[..count];
        Length += count;
        return room;
    }

    private Span<byte> Ensure(int count)
    {
        if (buffer.Length - Length < count)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + count));
        }

        return buffer.AsSpan(Length);
    }
}
