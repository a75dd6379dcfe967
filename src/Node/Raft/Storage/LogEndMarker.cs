// The last index of the log on disk, written after each flush, into the page cache only. After a crash of the process
// it is exact, and whatever is missing before it is damage. After a power cut it may lag, and what the log itself says
// counts. Before the log is truncated, the marker is set back.
//
//   magic "RLEM" | version 4 | index 8 | CRC-32 4
using System.Buffers.Binary;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Storage;

internal sealed class LogEndMarker : IDisposable
{
    /// <summary>The name of the file in the log's folder.</summary>
    public const string FileName = "end";

    private const int IndexBytes = 8;
    private static readonly FileEnvelope Envelope = new(Magic: 0x4D454C52, Version: 1);

    private readonly IFileSystem files;
    private readonly string path;
    private readonly byte[] bytes = new byte[FileEnvelope.Before + IndexBytes + FileEnvelope.After];
    private IWritableFile? file;

    private LogEndMarker(IFileSystem files, string path, long index) =>
        (this.files, this.path, Index) = (files, path, index);

    /// <summary>All entries up to this one are on disk, or covered by a snapshot.</summary>
    public long Index { get; private set; }

    /// <summary>Reads the marker, or makes it.</summary>
    /// <exception cref="DamagedDataException">It is missing though expected, or damaged.</exception>
    public static LogEndMarker Open(IFileSystem files, string path, bool expected)
    {
        if (files.FileExists(path))
        {
            var index = Envelope.Open(files.ReadAllBytes(path), IndexBytes, $"The mark of the log's end, {path},");
            return new LogEndMarker(files, path, BinaryPrimitives.ReadInt64LittleEndian(index));
        }

        return expected
            ? throw new DamagedDataException($"The mark of the log's end, {path}, is missing.")
            : new LogEndMarker(files, path, 0);
    }

    /// <summary>Refuses a file that a newer version wrote; says nothing of other files.</summary>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public static void CheckVersion(IFileSystem files, string path) =>
        Envelope.CheckVersion(files.ReadAllBytes(path), $"The mark of the log's end, {path},");

    /// <summary>Writes the index to the page cache. It survives a crash of the process, not of the machine.</summary>
    public void Note(long index)
    {
        if (index != Index)
        {
            Index = index;
            Compose();
            file ??= files.OpenWrite(path);
            file.Write(bytes, 0);
        }
    }

    /// <summary>Writes the index durably: it is on disk when this returns.</summary>
    public void Set(long index)
    {
        Index = index;
        Compose();
        Dispose();
        files.Replace(path, stream => stream.Write(bytes));
    }

    public void Dispose()
    {
        file?.Dispose();
        file = null;
    }

    private void Compose()
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(FileEnvelope.Before), Index);
        Envelope.Close(bytes);
    }
}
