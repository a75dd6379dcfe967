// How far the log on disk goes: written after each flush, into the page cache only. After a crash of the process it is exact, and whatever is
// missing before it is damage; after a power cut it may lag, and what the log itself says counts. When the log is cut, the mark is set back first.
//
//   magic "RLEM" | version 4 | index 8 | CRC-32 4
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace RaftLocks.Node.Raft;

internal sealed class EndMark : IDisposable
{
    private const int IndexBytes = 8;
    private static readonly Seal Seal = new(Magic: 0x4D454C52, Version: 1);

    private readonly string path;
    private readonly byte[] bytes = new byte[Seal.Before + IndexBytes + Seal.After];
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
            return new EndMark(path, BinaryPrimitives.ReadInt64LittleEndian(Seal.Open(File.ReadAllBytes(path), IndexBytes, $"The mark of the log's end, {path},")));
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

    private void Compose()
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(Seal.Before), Index);
        Seal.Close(bytes);
    }
}
