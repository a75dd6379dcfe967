// The folder of the log's files. A segment's file is filled with zeros before it gets its name: a write into it changes blocks that are there, and
// nothing of the file's own data, so that it costs the disk one write. The next file is made ready while the one before is being filled.
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace RaftLocks.Node.Raft;

internal sealed class SegmentFiles(string directory, int segmentBytes) : IDisposable
{
    private const string Extension = ".log";

    private readonly Lock gate = new();
    private readonly byte[] zeros = new byte[64 << 10];
    private Task sparing = Task.CompletedTask;
    private string? openPath;
    private SafeFileHandle? open;

    private string SparePath => Path.Combine(directory, "spare.tmp");

    public static string NameOf(in SegmentHeader header) =>
        string.Create(CultureInfo.InvariantCulture, $"{header.Sequence:d12}-{header.FirstIndex:d19}{Extension}");

    public static string PathOf(string directory, in SegmentHeader header) => Path.Combine(directory, NameOf(header));

    /// <summary>The segments that are there, in the order in which they were made.</summary>
    public List<LogSegment> ReadAll()
    {
        Directory.CreateDirectory(directory);
        File.Delete(SparePath);
        return [.. Directory.EnumerateFiles(directory, "*" + Extension).Order(StringComparer.Ordinal).Select(LogSegment.Read)];
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
        if (!File.Exists(SparePath) || new FileInfo(SparePath).Length != segment.Capacity)
        {
            Fill(segment.Capacity);
        }

        Close();
        (openPath, open) = (segment.Path, DurableFile.OpenWriteThrough(SparePath));
        RandomAccess.Write(open, segment.Bytes(0, SegmentFormat.HeaderBytes), 0);
        File.Move(SparePath, segment.Path);
        DurableFile.FlushDirectory(directory);
    }

    /// <summary>Writes a range of a segment. It is on disk when this returns.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public void Write(LogSegment segment, int from, int to)
    {
        if (openPath != segment.Path)
        {
            Close();
            (openPath, open) = (segment.Path, DurableFile.OpenWriteThrough(segment.Path));
        }

        RandomAccess.Write(open!, segment.Bytes(from, to), from);
    }

    /// <summary>Begins to make the next file, if it isn't there. A disk that has no room for it is met when it is needed.</summary>
    public void MakeSpare()
    {
        lock (gate)
        {
            if (sparing.IsCompleted && !File.Exists(SparePath))
            {
                sparing = Task.Run(TryFill);
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

        File.Delete(segment.Path);
    }

    public void Dispose()
    {
        sparing.Wait();
        Close();
    }

    private void TryFill()
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
        using (var file = File.OpenHandle(beside, FileMode.Create, FileAccess.Write))
        {
            for (long at = 0; at < bytes; at += zeros.Length)
            {
                RandomAccess.Write(file, zeros.AsSpan(0, (int)Math.Min(zeros.Length, bytes - at)), at);
            }
        }

        DurableFile.FlushFile(beside);
        File.Move(beside, SparePath, overwrite: true);
    }

    private void Close()
    {
        open?.Dispose();
        (openPath, open) = (null, null);
    }
}
