// The first start of a node makes several files, and the power may fail between them. Until its identity is on disk a
// node has promised nothing to anybody, so the next start removes what a first one has left behind, and begins anew. A
// marker tells such a folder from one that has lost its identity: it is durable before anything else is written, and
// gone before the node speaks to others.
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft;

/// <summary>The marker of a first start that is under way.</summary>
internal static class FirstStart
{
    private const string Mark = "first-start";
    private const string LockFile = "in-use";

    /// <summary>Sets the marker.</summary>
    /// <exception cref="DiskException">The disk is full or failing.</exception>
    public static void Begin(IFileSystem files, string root) =>
        files.Replace(Path.Combine(root, Mark), static _ => { });

    /// <summary>Removes the marker, if it is there.</summary>
    public static void End(IFileSystem files, string root)
    {
        var mark = Path.Combine(root, Mark);
        if (files.FileExists(mark))
        {
            files.Delete(mark);
            files.FlushDirectory(root);
        }
    }

    /// <summary>
    /// Removes what a first start that was interrupted has left in some folders, if the marker is there.
    /// </summary>
    public static void ClearLeftovers(IFileSystem files, string root, params ReadOnlySpan<string> folders)
    {
        if (!files.FileExists(Path.Combine(root, Mark)))
        {
            return;
        }

        foreach (var folder in folders)
        {
            Clear(files, folder);
        }

        Clear(files, root);
    }

    private static void Clear(IFileSystem files, string folder)
    {
        if (!files.DirectoryExists(folder))
        {
            return;
        }

        foreach (
            var path in files.ListFiles(folder, "").Where(path => Path.GetFileName(path) is not (Mark or LockFile))
        )
        {
            files.Delete(path);
        }

        files.FlushDirectory(folder);
    }
}
