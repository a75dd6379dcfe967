// The operating system's files. fsync is called directly because the framework's own flush does not report a failure
// (.NET 10, Linux); and looked up as the framework's own calls are, so that whatever is preloaded to make a disk fail
// (chaos/shims) stands before it too.
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RaftLocks.Node.Raft.Files;

/// <summary>The real disk.</summary>
internal sealed partial class OsFileSystem : IFileSystem
{
    private OsFileSystem() { }

    /// <summary>The only instance.</summary>
    public static OsFileSystem Instance { get; } = new();

    /// <inheritdoc/>
    public bool FileExists(string path) => File.Exists(path);

    /// <inheritdoc/>
    public bool DirectoryExists(string path) => Directory.Exists(path);

    /// <inheritdoc/>
    public bool HasEntries(string directory) =>
        Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any();

    /// <inheritdoc/>
    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory, string extension) =>
        [.. Directory.EnumerateFiles(directory, "*" + extension).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public byte[] ReadAllBytes(string path) => File.ReadAllBytes(path);

    /// <inheritdoc/>
    public long LengthOf(string path) => new FileInfo(path).Length;

    /// <inheritdoc/>
    public Stream OpenRead(string path) =>
        new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read | FileShare.Delete,
            1,
            FileOptions.SequentialScan
        );

    /// <inheritdoc/>
    public IWritableFile Create(string path) =>
        new OsFile(path, File.OpenHandle(path, FileMode.Create, FileAccess.Write));

    /// <inheritdoc/>
    public IWritableFile OpenWrite(string path) =>
        new OsFile(
            path,
            File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)
        );

    /// <summary>
    /// Opens a file so that what is written to it is on disk when the write returns, and no more than that: where a
    /// write changes only contents that were there, nothing of the file's own data (its times) is written with it
    /// (O_DSYNC; the framework offers O_SYNC).
    /// </summary>
    /// <exception cref="IOException">It can't be opened.</exception>
    public IWritableFile OpenWriteThrough(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new OsFile(
                path,
                File.OpenHandle(
                    path,
                    FileMode.Open,
                    FileAccess.Write,
                    FileShare.ReadWrite | FileShare.Delete,
                    FileOptions.WriteThrough
                )
            );
        }

        const int writeOnly = 1;
        const int dataSync = 0x1000;
        const int closeOnExec = 0x80000;
        var descriptor = Native.Open(path, writeOnly | dataSync | closeOnExec);
        return descriptor < 0
            ? throw LastError($"{path} can't be opened")
            : new OsFile(path, new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void FlushFile(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Flush(file, path);
    }

    /// <inheritdoc/>
    public void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Native.Open(directory, flags: 0);
        if (descriptor < 0)
        {
            throw LastError($"{directory} can't be opened to flush it");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Flush(handle, directory);
    }

    /// <inheritdoc/>
    public void WriteBack(string path, long offset = 0, long length = long.MaxValue)
    {
        using var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.Read,
            FileOptions.WriteThrough
        );
        var buffer = new byte[1 << 16];
        int read;
        while (
            length > 0
            && (read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(length, buffer.Length)), offset)) > 0
        )
        {
            RandomAccess.Write(file, buffer.AsSpan(0, read), offset);
            offset += read;
            length -= read;
        }
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path) =>
        new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>
    /// The exception for the system call that failed last on this thread: a process without free descriptors has no
    /// failing disk.
    /// </summary>
    private static IOException LastError(string what)
    {
        what = $"{what}: {Marshal.GetLastPInvokeErrorMessage()}.";
        return OutOfResourcesException.IsErrorNumber(Marshal.GetLastPInvokeError())
            ? new OutOfResourcesException(what)
            : new DiskException(what);
    }

    private static void Flush(SafeFileHandle handle, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(handle);
        }
        else if (Native.FSync(handle) != 0)
        {
            throw LastError($"{path} could not be flushed to disk");
        }
    }

    private sealed class OsFile(string path, SafeFileHandle handle) : IWritableFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

        public void Flush() => OsFileSystem.Flush(handle, path);

        public void Dispose() => handle.Dispose();
    }

    private static partial class Native
    {
        static Native() =>
            NativeLibrary.SetDllImportResolver(
                typeof(Native).Assembly,
                (name, _, _) => name == "libc" ? NativeLibrary.GetMainProgramHandle() : 0
            );

        [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
        public static partial int FSync(SafeFileHandle file);

        [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Open(string path, int flags);
    }
}
