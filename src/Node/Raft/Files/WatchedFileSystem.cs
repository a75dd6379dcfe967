// A disk with a watch on its writes. Reads are not watched: a node reads its data folder at its start, and what a
// member lacks from memory.
namespace RaftLocks.Node.Raft.Files;

/// <summary>Reports all writes to the watch.</summary>
/// <param name="inner">The disk.</param>
/// <param name="watch">The watch.</param>
internal sealed class WatchedFileSystem(IFileSystem inner, DiskWatch watch) : IFileSystem
{
    /// <summary>Bytes that are written back under one watch.</summary>
    internal const int PieceBytes = 1 << 20;

    /// <inheritdoc/>
    public bool FileExists(string path) => inner.FileExists(path);

    /// <inheritdoc/>
    public bool DirectoryExists(string path) => inner.DirectoryExists(path);

    /// <inheritdoc/>
    public bool HasEntries(string directory) => inner.HasEntries(directory);

    /// <inheritdoc/>
    public void CreateDirectory(string path) => inner.CreateDirectory(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory, string extension) => inner.ListFiles(directory, extension);

    /// <inheritdoc/>
    public byte[] ReadAllBytes(string path) => inner.ReadAllBytes(path);

    /// <inheritdoc/>
    public long LengthOf(string path) => inner.LengthOf(path);

    /// <inheritdoc/>
    public Stream OpenRead(string path) => inner.OpenRead(path);

    /// <inheritdoc/>
    public IWritableFile Create(string path) => Watched(path, inner.Create);

    /// <inheritdoc/>
    public IWritableFile OpenWrite(string path) => Watched(path, inner.OpenWrite);

    /// <inheritdoc/>
    public IWritableFile OpenWriteThrough(string path) => Watched(path, inner.OpenWriteThrough);

    /// <inheritdoc/>
    public void Rename(string from, string to) => Do(to, () => inner.Rename(from, to));

    /// <inheritdoc/>
    public void Delete(string path) => Do(path, () => inner.Delete(path));

    /// <inheritdoc/>
    public void FlushFile(string path) => Do(path, () => inner.FlushFile(path));

    /// <inheritdoc/>
    public void FlushDirectory(string directory) => Do(directory, () => inner.FlushDirectory(directory));

    /// <summary>Watched piece by piece: all of it may take long on a disk that is well.</summary>
    public void WriteBack(string path, long offset = 0, long length = long.MaxValue)
    {
        using var operation = watch.Watch(path);
        var end = Math.Min(inner.LengthOf(path), length > long.MaxValue - offset ? long.MaxValue : offset + length);
        for (; offset < end; offset += PieceBytes)
        {
            operation.Begin();
            inner.WriteBack(path, offset, Math.Min(end - offset, PieceBytes));
            operation.End();
        }
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path) => inner.Lock(path);

    private void Do(string path, Action write)
    {
        using var operation = watch.Watch(path);
        operation.Begin();
        write();
    }

    private WatchedFile Watched(string path, Func<string, IWritableFile> open)
    {
        var operation = watch.Watch(path);
        operation.Begin();
        try
        {
            return new WatchedFile(open(path), operation);
        }
        catch
        {
            operation.Dispose();
            throw;
        }
        finally
        {
            operation.End();
        }
    }

    private sealed class WatchedFile(IWritableFile file, DiskOperation operation) : IWritableFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            operation.Begin();
            try
            {
                file.Write(bytes, offset);
            }
            finally
            {
                operation.End();
            }
        }

        public void Flush()
        {
            operation.Begin();
            try
            {
                file.Flush();
            }
            finally
            {
                operation.End();
            }
        }

        public void Dispose()
        {
            file.Dispose();
            operation.Dispose();
        }
    }
}
