// A journal on disk: a folder with one folder for each segment, named by the position of the ledger where it begins, so
// that names sort. A segment begins with a checkpoint and can be proven by itself. Old ones are deleted whole; one that
// is damaged is set aside.
using System.Globalization;
using RaftLocks.Ledger;

namespace RaftLocks.Journal;

/// <summary>A segment on disk.</summary>
/// <param name="Directory">The segment's folder.</param>
/// <param name="Start">Position of the ledger where it begins.</param>
/// <param name="Bytes">The segment's size.</param>
/// <param name="WrittenAt">The time of the last write.</param>
public readonly record struct SegmentOnDisk(string Directory, long Start, long Bytes, DateTimeOffset WrittenAt);

/// <summary>A segment that is open for appending, and the last record in it.</summary>
/// <param name="Writer">The writer that appends to it.</param>
/// <param name="Start">Position of the ledger where it begins.</param>
/// <param name="Last">Its last record; that of its checkpoint while it has none.</param>
/// <param name="CheckpointBytes">Bytes of its checkpoint.</param>
public readonly record struct OpenedSegment(
    SegmentWriter Writer,
    long Start,
    JournalPosition Last,
    long CheckpointBytes
);

/// <summary>The segments of a journal.</summary>
public sealed class JournalFolder(string directory)
{
    /// <summary>Its name in a node's data folder.</summary>
    public const string Name = "journal";

    private const string Aside = ".damaged";

    /// <summary>The folder.</summary>
    public string Directory { get; } = directory;

    /// <summary>Its segments, oldest first.</summary>
    public IReadOnlyList<SegmentOnDisk> Segments =>
        System.IO.Directory.Exists(Directory)
            ?
            [
                .. System
                    .IO.Directory.EnumerateDirectories(Directory)
                    .Where(IsSegment)
                    .Order(StringComparer.Ordinal)
                    .Select(Look),
            ]
            : [];

    /// <summary>
    /// Says, in words, what a newer version of RaftLocks has written here; null if nothing. Reads, and changes nothing.
    /// </summary>
    public string? FindNewer()
    {
        foreach (var segment in Segments)
        {
            if (CommitFile.NewerVersion(Path.Combine(segment.Directory, SegmentFile.CommitName)) is > 0 and var version)
            {
                return $"{segment.Directory} has format version {version}, this build reads format version "
                    + $"{CommitFile.Version}";
            }
        }

        return Segments is [.., var newest] && FindNewer(newest.Directory) is { } what
            ? $"in {newest.Directory} {what}"
            : null;
    }

    /// <summary>Opens the newest segment that is whole; newer damaged ones are set aside.</summary>
    /// <param name="onSetAside">Called with the new place and the reason.</param>
    /// <returns>The segment, or null when there is none.</returns>
    /// <exception cref="IOException">The folder can't be used.</exception>
    public OpenedSegment? OpenNewest(Action<string, string> onSetAside)
    {
        System.IO.Directory.CreateDirectory(Directory);
        foreach (var segment in Segments.Reverse())
        {
            try
            {
                if (Reopen(segment.Directory) is { } opened)
                {
                    return opened;
                }

                Delete(segment.Directory);
            }
            catch (JournalDamagedException e)
            {
                onSetAside(SetAside(segment.Directory), e.Message);
            }
        }

        return null;
    }

    /// <summary>Makes a new segment.</summary>
    /// <param name="start">Position of the ledger where it begins.</param>
    /// <exception cref="IOException">It can't be made.</exception>
    public SegmentWriter Create(long start)
    {
        var path = PathOf(start);
        if (System.IO.Directory.Exists(path))
        {
            if (HoldsNoRecord(path))
            {
                // The new checkpoint says all that the old one said.
                Delete(path);
            }
            else
            {
                SetAside(path);
            }
        }

        return SegmentWriter.Create(path);
    }

    /// <summary>Deletes a segment.</summary>
    public static void Delete(string segment) => System.IO.Directory.Delete(segment, recursive: true);

    /// <summary>Sets a segment aside: it is kept for people, and not read any more.</summary>
    /// <returns>The new place.</returns>
    public static string SetAside(string segment)
    {
        var aside = segment + Aside;
        for (var i = 2; System.IO.Directory.Exists(aside); i++)
        {
            aside = $"{segment}{Aside}-{i}";
        }

        System.IO.Directory.Move(segment, aside);
        return aside;
    }

    private static bool IsSegment(string path) =>
        Path.GetFileName(path) is { Length: 20 } name
        && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static SegmentOnDisk Look(string path)
    {
        var files = new DirectoryInfo(path).GetFiles();
        var written =
            files.Length == 0
                ? System.IO.Directory.GetLastWriteTimeUtc(path)
                : files.Max(file => file.LastWriteTimeUtc);
        return new SegmentOnDisk(
            path,
            long.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture),
            files.Sum(file => file.Length),
            new DateTimeOffset(written, TimeSpan.Zero)
        );
    }

    private static bool HoldsNoRecord(string path)
    {
        try
        {
            using var reader = SegmentReader.Open(path, wholeCheckpoints: false);
            return !reader.TryNext() || !reader.TryNext();
        }
        catch (JournalDamagedException)
        {
            return false;
        }
    }

    private static string? FindNewer(string segment)
    {
        try
        {
            using var reader = SegmentReader.Open(segment, wholeCheckpoints: false);
            return reader.FindNewer();
        }
        catch (JournalDamagedException)
        {
            // That is found when it is opened.
            return null;
        }
    }

    // Null when the segment was made, but nothing was committed to it.
    private static OpenedSegment? Reopen(string path)
    {
        var writer = SegmentWriter.Reopen(path);
        try
        {
            var (start, last, checkpointBytes) = (0L, default(JournalPosition?), 0L);
            using var reader = writer.Read(from: 0, wholeCheckpoints: false);
            while (reader.TryNext())
            {
                if (ChainCheck.Next(last, reader.Kind, reader.Item, out var next) is { } wrong)
                {
                    throw new JournalDamagedException($"{path} is damaged at {reader.Address}: {wrong}");
                }

                (start, checkpointBytes) = last is null ? (next.Position, reader.Next) : (start, checkpointBytes);
                last = next;
            }

            if (last is { } found)
            {
                return new OpenedSegment(writer, start, found, checkpointBytes);
            }

            if (CommitFile.HasContents(Path.Combine(path, SegmentFile.CommitName)))
            {
                throw new JournalDamagedException($"{path} is damaged: its commit file holds no whole commit");
            }

            writer.Dispose();
            return null;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    private string PathOf(long start) => Path.Combine(Directory, start.ToString("d20", CultureInfo.InvariantCulture));
}
