// The folder of the log's files. A segment's file is filled with zeros before it gets its name. So a write into it
// changes existing blocks, and no metadata of the file, and costs the disk one write. The next file is made ready while
// the one before is being filled.
using System.Globalization;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Storage;

internal sealed class SegmentFiles(IFileSystem disk, string directory, int segmentBytes) : IDisposable
{
    /// <summary>The extension of a segment's file.</summary>
    public const string Extension = ".log";

    private readonly Lock gate = new();
    private readonly byte[] zeros = new byte[64 << 10];
    private Task sparing = Task.CompletedTask;
    private string? openPath;
    private IWritableFile? open;

    private string SparePath => Path.Combine(directory, "spare.tmp");

    public static string NameOf(in SegmentHeader header) =>
        string.Create(CultureInfo.InvariantCulture, $"{header.Sequence:d12}-{header.FirstIndex:d19}{Extension}");

    public static string PathOf(string directory, in SegmentHeader header) => Path.Combine(directory, NameOf(header));

    /// <summary>The segments that are there, in the order in which they were made.</summary>
    public List<LogSegment> ReadAll()
    {
        disk.CreateDirectory(directory);
        disk.Delete(SparePath);
        return [.. disk.ListFiles(directory, Extension).Select(path => LogSegment.Read(disk, path))];
    }

    /// <summary>Makes the file of a segment. It is there, with its header, when this returns.</summary>
    public void Create(LogSegment segment)
    {
        Task spare;
        lock (gate)
        {
            spare = sparing;
        }

        spare.Wait();
        if (!disk.FileExists(SparePath) || disk.LengthOf(SparePath) != segment.Capacity)
        {
            Fill(segment.Capacity);
        }

        Close();
        (openPath, open) = (segment.Path, disk.OpenWriteThrough(SparePath));
        open.Write(segment.Bytes(0, SegmentFormat.HeaderBytes), 0);
        disk.Rename(SparePath, segment.Path);
        disk.FlushDirectory(directory);
    }

    /// <summary>Writes a range of a segment. It is on disk when this returns.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public void Write(LogSegment segment, int from, int to)
    {
        if (openPath != segment.Path)
        {
            Close();
            (openPath, open) = (segment.Path, disk.OpenWriteThrough(segment.Path));
        }

        open!.Write(segment.Bytes(from, to), from);
    }

    /// <summary>
    /// Begins to make the next file, if it isn't there. A disk that has no room for it is met when it is needed.
    /// </summary>
    public void MakeSpare()
    {
        lock (gate)
        {
            if (sparing.IsCompleted && !disk.FileExists(SparePath))
            {
                sparing = Task.Run(FillSpare);
            }
        }
    }

    /// <summary>Deletes a segment's file, which may come back with a power cut.</summary>
    public void Delete(LogSegment segment)
    {
        if (openPath == segment.Path)
        {
            Close();
        }

        disk.Delete(segment.Path);
    }

    public void Dispose()
    {
        sparing.Wait();
        Close();
    }

    private void FillSpare()
    {
        try
        {
            Fill(segmentBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is tried again, and then the reason is told.
        }
    }

    private void Fill(long bytes)
    {
        var beside = SparePath + ".filling";
        using (var file = disk.Create(beside))
        {
            for (long at = 0; at < bytes; at += zeros.Length)
            {
                file.Write(zeros.AsSpan(0, (int)Math.Min(zeros.Length, bytes - at)), at);
            }

            file.Flush();
        }

        disk.Rename(beside, SparePath);
    }

    private void Close()
    {
        open?.Dispose();
        (openPath, open) = (null, null);
    }
}
