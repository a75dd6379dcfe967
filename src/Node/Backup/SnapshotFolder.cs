// The folder that a node saves snapshots to on its schedule. A file of its name is always whole: it is written beside
// its place, flushed, read again and checked, and then renamed. Several nodes may have one folder: each knows its own
// files by their names.
using System.Globalization;
using System.Text.RegularExpressions;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Backup;

/// <summary>A node's saved snapshots.</summary>
/// <param name="plan">Where they are, and how many are kept.</param>
/// <param name="node">The node's name.</param>
/// <param name="files">The disk.</param>
internal sealed partial class SnapshotFolder(SnapshotPlan plan, string node, IFileSystem files)
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>When the newest of them was saved; null if there is none.</summary>
    /// <exception cref="IOException">The folder can't be read or made.</exception>
    public DateTimeOffset? NewestAt()
    {
        files.CreateDirectory(plan.Directory);
        return Own().Select(TimeOf).Max();
    }

    /// <summary>Saves a snapshot; deletes the oldest that are too many.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="IOException">The disk has no room, or fails.</exception>
    /// <exception cref="InvalidDataException">What was written is not what can be read.</exception>
    public string Save(OpenSnapshot snapshot, DateTimeOffset at, CancellationToken token)
    {
        var time = at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
        var index = snapshot.Index.ToString("d20", CultureInfo.InvariantCulture);
        var path = Path.Combine(plan.Directory, $"{node}-{time}-{index}{SnapshotStore.Extension}");
        var beside = Path.Combine(plan.Directory, $"{node}.tmp");
        files.CreateDirectory(plan.Directory);
        RequireRoom(snapshot.Length ?? 0);
        try
        {
            Write(snapshot, beside, token);
            Check(beside, snapshot.Index);
            files.Rename(beside, path);
        }
        catch
        {
            files.Delete(beside);
            throw;
        }

        files.FlushDirectory(plan.Directory);
        Retire(path);
        return path;
    }

    private void Write(OpenSnapshot snapshot, string path, CancellationToken token)
    {
        using var file = files.Create(path);
        using var stream = new FileWriteStream(file, flushesOnTheWay: true);
        var part = new byte[SnapshotFormat.PartBytes];
        snapshot.Stream.Position = 0;
        int read;
        while ((read = snapshot.Stream.Read(part)) > 0)
        {
            token.ThrowIfCancellationRequested();
            stream.Write(part.AsSpan(0, read));
        }

        file.Flush();
    }

    private void Check(string path, long index)
    {
        using var written = files.OpenRead(path);
        var wrong = SnapshotFormat.Check(written, out var check);
        if (wrong is not null || check.Index != index)
        {
            throw new InvalidDataException(
                $"the snapshot that was saved can't be restored: {wrong ?? "it is another one"}"
            );
        }
    }

    // The disk may be that of the data folder, which needs room for the log.
    private void RequireRoom(long bytes)
    {
        var free = new DriveInfo(plan.Directory).AvailableFreeSpace;
        if (free - bytes < Limits.SnapshotKeepFreeBytes)
        {
            throw new IOException(
                $"the disk of {plan.Directory} has {free >> 20} MiB left, too few for a snapshot of {bytes >> 20} MiB "
                    + $"and {Limits.SnapshotKeepFreeBytes >> 20} MiB beside it"
            );
        }
    }

    // Never the one that was saved just now, whatever the clock has said before.
    private void Retire(string saved)
    {
        foreach (var path in Own().Where(path => path != saved).Reverse().Skip(plan.Keep - 1))
        {
            files.Delete(path);
        }
    }

    private IReadOnlyList<string> Own() =>
        [.. files.ListFiles(plan.Directory, SnapshotStore.Extension).Where(path => TimeOf(path) is not null)];

    private DateTimeOffset? TimeOf(string path)
    {
        var name = Name().Match(Path.GetFileName(path));
        return
            name.Groups["node"].Value == node
            && DateTimeOffset.TryParseExact(
                name.Groups["time"].Value,
                TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var time
            )
            ? time
            : null;
    }

    [GeneratedRegex(
        @"^(?<node>.+)-(?<time>\d{8}T\d{6}Z)-\d{20}\.snapshot$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Name();
}
