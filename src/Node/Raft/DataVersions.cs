// The first look at a data folder: whether a newer version of RaftLocks wrote any of it. It reads and never writes.
// Only when all of it is known to be readable is anything opened, set aside, flushed or deleted; so a build that is
// started by error, or for a rollback that comes too late, leaves the folder as it found it. Damage is not looked
// for here: a file is newer only if its checksum says that its version was really written so.
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.Codec;

namespace RaftLocks.Node.Raft;

internal static class DataVersions
{
    /// <summary>Refuses a folder that holds something of a newer version.</summary>
    /// <exception cref="NewerDataException">It does.</exception>
    public static void Check(IFileSystem files, DataFolder folder)
    {
        IfThere(files, folder.HardStateFile, HardStateFile.CheckVersion);
        IfThere(files, folder.MembersFile, MembersFile.CheckVersion);
        IfThere(files, Path.Combine(folder.LogDirectory, LogEndMarker.FileName), LogEndMarker.CheckVersion);
        foreach (var snapshot in FilesIn(files, folder.SnapshotDirectory, SnapshotStore.Extension))
        {
            using var stream = files.OpenRead(snapshot);
            SnapshotFormat.CheckVersion(stream, $"The snapshot {snapshot}");
        }

        CheckLog(files, FilesIn(files, folder.LogDirectory, SegmentFiles.Extension));
    }

    // A later file that begins at an index ends all earlier ones before it: what lies behind was replaced and counts no
    // more. So from the last to the first, one at a time: the whole log need not be in memory for this.
    private static void CheckLog(IFileSystem files, IReadOnlyList<string> paths)
    {
        var end = long.MaxValue;
        foreach (var path in paths.Reverse())
        {
            if (ReadSegment(files, path) is not { } segment)
            {
                return;
            }

            for (var index = segment.Header.FirstIndex; index <= Math.Min(segment.LastIndex, end); index++)
            {
                CheckEntry(index, segment[index]);
            }

            end = Math.Min(end, segment.Header.FirstIndex - 1);
        }
    }

    private static LogSegment? ReadSegment(IFileSystem files, string path)
    {
        try
        {
            return LogSegment.Read(files, path);
        }
        catch (DamagedDataException)
        {
            // Damage is found when the log is opened.
            return null;
        }
    }

    private static void CheckEntry(long index, RaftEntry entry)
    {
        if (entry.IsConfiguration)
        {
            MemberCodec.CheckVersion(entry.Content.Span);
        }
        else if (!entry.Content.IsEmpty && Versions.OfEntry(entry.Content.Span) is { IsNewer: true } needs)
        {
            throw new NewerDataException($"Entry {index} of the log", needs.Describe(EntryFormat.Version));
        }
    }

    private static void IfThere(IFileSystem files, string path, Action<IFileSystem, string> check)
    {
        if (files.FileExists(path))
        {
            check(files, path);
        }
    }

    private static IReadOnlyList<string> FilesIn(IFileSystem files, string directory, string extension) =>
        files.DirectoryExists(directory) ? files.ListFiles(directory, extension) : [];
}
