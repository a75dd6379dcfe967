// How far the log on disk goes: written after each flush, into the page cache only. After a crash of the process it is exact, and whatever is
// missing before it is damage; after a power cut it may lag, and what the log itself says counts. When the log is cut, the mark is set back first.
//
//   magic "RLEM" | version 4 | index 8 | CRC-32 4
using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace RaftLocks.Node.Raft;

internal sealed class EndMark : IDisposable
{
    private const uint Magic = 0x4D454C52;
    private const int Version = 1;
    private const int Size = 4 + 4 + 8 + 4;

    private readonly string path;
    private readonly byte[] bytes = new byte[Size];
    private SafeFileHandle? file;

    private EndMark(string path, long index) => (this.path, Index) = (path, index);

    /// <summary>All entries up to this one are on disk, or covered by a snapshot.</summary>
    public long Index { get; private set; }

    /// <summary>Reads the mark, or makes it.</summary>
    /// <exception cref="DamagedDataException">It is missing though expected, or damaged.</exception>
    public static EndMark Open(string path, bool expected)
    {
        if (File.Exists(path))
        {
            return new EndMark(path, Parse(File.ReadAllBytes(path), path));
        }

        return expected ? throw new DamagedDataException($"The mark of the log's end, {path}, is missing.") : new EndMark(path, 0);
    }

    /// <summary>Says so, to whoever asks until the machine goes down.</summary>
    public void Note(long index)
    {
        if (index != Index)
        {
            Index = index;
            Compose();
            file ??= File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.Write(file, bytes, 0);
        }
    }

    /// <summary>Says so for good: it is on disk when this returns.</summary>
    public void Set(long index)
    {
        Index = index;
        Compose();
        Dispose();
        DurableFile.Replace(path, stream => stream.Write(bytes));
    }

    public void Dispose()
    {
        file?.Dispose();
        file = null;
    }

    private static long Parse(byte[] found, string path)
    {
        if (found.Length != Size
            || BinaryPrimitives.ReadUInt32LittleEndian(found) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(found.AsSpan(Size - 4)) != Crc32.HashToUInt32(found.AsSpan(0, Size - 4)))
        {
            throw new DamagedDataException($"The mark of the log's end, {path}, is damaged.");
        }

        return BinaryPrimitives.ReadInt32LittleEndian(found.AsSpan(4)) == Version
            ? BinaryPrimitives.ReadInt64LittleEndian(found.AsSpan(8))
            : throw new WrongDataDirectoryException($"{path} was written by a newer version of RaftLocks. Start that version.");
    }

    private void Compose()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Index);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Size - 4), Crc32.HashToUInt32(bytes.AsSpan(0, Size - 4)));
    }
}
