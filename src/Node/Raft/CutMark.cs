// Where the log is being cut while its tail is replaced. The library's checkpoint alone tells where the log ends, and is written last: a
// crash in between would leave the new entries followed by the rest of the old tail. So the place is written down before the first byte
// is changed, and struck out when the checkpoint has passed it, before anything behind it is acknowledged. What a start finds behind
// a mark is either not acknowledged yet, or was replaced by a leader, who has committed something else there.
//
//   magic "RLCT" | version 4 | index 8 | CRC-32 4
using System.Buffers.Binary;
using System.IO.Hashing;

namespace RaftLocks.Node.Raft;

internal sealed class CutMark(string path)
{
    private const uint Magic = 0x54434C52;
    private const int Version = 1;
    private const int Size = 4 + 4 + 8 + 4;

    /// <summary>Entries from this index on are to be dropped; null if none.</summary>
    public long? Index { get; private set; }

    /// <summary>Entries from this index on are about to be replaced. On disk when this returns.</summary>
    public void Set(long index)
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), index);
        Crc32.Hash(bytes.AsSpan(0, Size - 4), bytes.AsSpan(Size - 4));
        Index = index;
        DurableFile.Replace(path, stream => stream.Write(bytes));
    }

    /// <summary>The checkpoint has passed the mark. It is gone when this returns.</summary>
    public void Clear()
    {
        File.Delete(path);
        DurableFile.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        Index = null;
    }

    /// <summary>Reads the mark that a crash left, if any.</summary>
    /// <exception cref="DamagedDataException">It is damaged.</exception>
    public void Load() => Index = File.Exists(path) ? Parse(File.ReadAllBytes(path)) : null;

    private long Parse(byte[] bytes)
    {
        Span<byte> crc = stackalloc byte[4];
        if (bytes.Length == Size)
        {
            Crc32.Hash(bytes.AsSpan(0, Size - 4), crc);
        }

        return bytes.Length != Size || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic || !crc.SequenceEqual(bytes.AsSpan(Size - 4))
            ? throw new DamagedDataException($"The mark of a cut in the log, {path}, is damaged.")
            : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)) != Version
                ? throw new WrongDataDirectoryException($"{path} was written by a newer version of RaftLocks. Start that version.")
                : BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8));
    }
}
