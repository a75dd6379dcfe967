// Files that are there after a power cut, or not at all: written beside their place, flushed, renamed, and the folder
// flushed too. One that is in one sector may be overwritten: a disk writes a sector whole or not at all.
namespace RaftLocks.Node.Raft.Files;

internal static class DurableFile
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Writes a file so that its name always stands for whole contents.</summary>
    /// <exception cref="DiskException">The disk is full or failing; the old contents are untouched.</exception>
    public static void Replace(this IFileSystem files, string path, Action<Stream> write)
    {
        var beside = path + ".tmp";
        try
        {
            using (var file = files.Create(beside))
            using (var stream = new BufferedStream(new FileWriteStream(file, flushesOnTheWay: true), BufferBytes))
            {
                write(stream);
                stream.Flush();
                file.Flush();
            }

            files.Rename(beside, path);
        }
        catch (IOException e)
        {
            DeleteIfPossible(files, beside);
            if (e is DiskException or OutOfResourcesException)
            {
                throw;
            }

            throw Failed(path, e);
        }

        files.FlushDirectory(FolderOf(path));
    }

    /// <summary>Writes over the beginning of a file that is there. It is on disk when this returns.</summary>
    /// <exception cref="DiskException">The disk is full or failing: what is on it is unknown.</exception>
    public static void Overwrite(this IFileSystem files, string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var file = files.OpenWriteThrough(path);
            file.Write(bytes, offset: 0);
        }
        catch (IOException e) when (e is not (DiskException or OutOfResourcesException))
        {
            throw Failed(path, e);
        }
    }

    /// <summary>Gives a whole file its name, when its contents are on disk.</summary>
    public static void MoveInto(this IFileSystem files, string written, string path)
    {
        files.FlushFile(written);
        files.Rename(written, path);
        files.FlushDirectory(FolderOf(path));
    }

    private static IOException Failed(string path, IOException e) =>
        OutOfResourcesException.IsIn(e)
            ? new OutOfResourcesException($"{path} could not be written: {e.Message}", e)
            : new DiskException($"{path} could not be written: {e.Message}", e);

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <summary>Deletes what is half written: it takes room that a full disk needs for other things.</summary>
    private static void DeleteIfPossible(IFileSystem files, string path)
    {
        try
        {
            files.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk failed just now, and that first failure is the one to report.
        }
    }
}
