// A data folder made of a saved snapshot: that of a node which has applied all up to the snapshot's index, is in its
// term, and has not yet bootstrapped a cluster. So numbering goes on, terms never decrease along the log, and the
// history's indexes go on too. Only one node is restored; the others join it, and are sent the same snapshot.
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Raft;

internal static class RestoredFolder
{
    /// <summary>Makes it. Half made, after a crash, it is refused by any node.</summary>
    /// <param name="write">Writes the snapshot into a file.</param>
    /// <param name="index">The snapshot's index.</param>
    /// <param name="term">Its term.</param>
    /// <param name="directory">The folder, which must be empty.</param>
    /// <param name="name">The new node's name.</param>
    /// <exception cref="WrongDataDirectoryException">The folder is not empty, or can't be written.</exception>
    public static void Make(Action<string> write, long index, long term, string directory, string name)
    {
        var files = OsFileSystem.Instance;
        if (files.HasEntries(directory))
        {
            throw new WrongDataDirectoryException(
                $"{directory} is not empty. A snapshot is only restored into an empty folder: what a node has "
                    + "promised must not be lost."
            );
        }

        using var folder = DataFolder.Open(
            new RaftNodeOptions
            {
                Name = name,
                DataDirectory = directory,
                Members = [],
            }
        );
        HardStateFile.Open(files, folder.HardStateFile, expected: false).Write(term, newVote: null);
        EntryLog.Open(files, folder.LogDirectory, segmentBytes: 0, (index, term), expected: false).Dispose();
        files.CreateDirectory(folder.SnapshotDirectory);
        var beside = Path.Combine(folder.SnapshotDirectory, "restored.tmp");
        write(beside);
        new SnapshotStore(
            files,
            folder.SnapshotDirectory,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance
        ).Adopt(beside);
        folder.WriteIdentity();
    }
}
