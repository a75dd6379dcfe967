// How much of the journal is kept: the oldest segments go when it is too large or they are too old. The newest always
// stays.
using RaftLocks.Journal;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Journal;

internal sealed class JournalRetention(JournalOptions options, JournalFolder folder, TimeProvider time, ILogger logger)
{
    // Ages are told by the wall clock, which is read once: a clock that is set while the node runs must not delete the
    // history.
    private readonly DateTimeOffset startedAt = time.GetUtcNow();
    private readonly long started = time.GetTimestamp();
    private long bytes;
    private int segments;

    /// <summary>Size on disk at the last look.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Segments at the last look.</summary>
    public int Segments => Volatile.Read(ref segments);

    /// <summary>The free space on the disk, MiB; -1 where it is unknown because the folder or its disk is
    /// gone.</summary>
    public long FreeMiB
    {
        get
        {
            try
            {
                return new DriveInfo(folder.Directory).AvailableFreeSpace >> 20;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return -1;
            }
        }
    }

    /// <summary>Measures.</summary>
    public IReadOnlyList<SegmentOnDisk> Look()
    {
        var found = folder.Segments;
        Volatile.Write(ref bytes, found.Sum(segment => segment.Bytes));
        Volatile.Write(ref segments, found.Count);
        return found;
    }

    /// <summary>Deletes what is too much or too old.</summary>
    public void Retire()
    {
        var found = Look();
        var tooOld = startedAt + time.GetElapsedTime(started) - options.MaxAge;
        foreach (var oldest in found.SkipLast(1))
        {
            var why =
                oldest.WrittenAt < tooOld ? $"it is older than {options.MaxAge.TotalDays} days"
                : Bytes > options.MaxBytes ? $"the journal is larger than {options.MaxBytes >> 20} MiB"
                : null;
            if (why is null)
            {
                break;
            }

            JournalFolder.Delete(oldest.Directory);
            JournalLog.Retired(logger, oldest.Directory, why);
            Look();
        }
    }
}
