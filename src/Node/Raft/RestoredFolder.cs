// A data folder made of a saved snapshot: that of a node which has applied all up to the snapshot's index, is in its term, and has not yet
// founded a cluster. So numbering goes on, terms never decrease along the log, and the history's indexes go on too. Only one node is
// restored; the others join it, and are sent the same snapshot.
namespace RaftLocks.Node.Raft;

internal static class RestoredFolder
{
    /// <summary>Makes it. Half made, after a crash, it is refused by any node.</summary>
    /// <exception cref="WrongDataDirectoryException">The folder is not empty, or can't be written.</exception>
    public static void Make(string snapshot, long index, long term, string directory, string name)
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new WrongDataDirectoryException($"{directory} is not empty. A snapshot is only restored into an empty folder: what a node has promised must not be lost.");
        }

        using var folder = DataFolder.Open(new RaftNodeOptions { Name = name, DataDirectory = directory, Members = [] });
        VoteFile.Open(folder.VoteFile, expected: false).WriteTerm(term, forget: true);
        EntryLog.Open(folder.LogDirectory, segmentBytes: 0, (index, term), expected: false).Dispose();
        Directory.CreateDirectory(folder.SnapshotDirectory);
        var beside = Path.Combine(folder.SnapshotDirectory, "restored.tmp");
        File.Copy(snapshot, beside, overwrite: true);
        new SnapshotStore(folder.SnapshotDirectory, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).Adopt(beside);
        folder.WriteIdentity();
    }
}
