// A segment on disk: a folder with a FasterLog (frames.0, …) and its commit file. What writer and reader share.
using FASTER.core;

namespace RaftLocks.Journal;

/// <summary>A segment could not be written: the disk is full or failing.</summary>
public sealed class JournalWriteException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>A segment is not what was written. The message says what is wrong.</summary>
public sealed class JournalDamagedException(string message, Exception? cause = null) : IOException(message, cause);

internal static class SegmentFile
{
    public const string FramesName = "frames";
    public const string CommitName = "commit";

    // A frame must fit in a page. Four pages in memory: one that fills, others that are on their way to the disk.
    private const int PageBits = 20;
    private const int MemoryBits = 22;
    private const int FileBits = 30;

    public static FasterLogSettings Settings(IDevice device, CommitFile commits, bool readOnly) =>
        new()
        {
            LogDevice = device,
            LogCommitManager = commits,
            PageSizeBits = PageBits,
            MemorySizeBits = MemoryBits,
            SegmentSizeBits = FileBits,
            ReadOnlyMode = readOnly,
            RemoveOutdatedCommits = false,

            // Recovered by a call of its own, because the constructor hides what goes wrong.
            TryRecoverLatest = false,
        };

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    public static IDevice OpenDevice(string directory) => Devices.CreateLogDevice(Path.Combine(directory, FramesName));

    /// <summary>
    /// Closes a device. The library would wait for ever for a handle that it could not open, as when the folder is gone
    /// (FASTER 2.6.5, AsyncPool). So it is closed on a thread of its own, which nothing waits for.
    /// </summary>
    public static void Close(IDevice device)
    {
        var closing = new Thread(() => CloseInBackground(device))
        {
            IsBackground = true,
            Name = "closes a segment of the journal",
        };
        closing.Start();
        closing.Join(CloseTimeout);
    }

    private static void CloseInBackground(IDevice device)
    {
        try
        {
            device.Dispose();
        }
        catch (Exception)
        {
            // What was committed is on disk, and nothing else is trusted.
        }
    }
}
