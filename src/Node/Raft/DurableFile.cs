// Files that are there after a power cut, or not at all: written beside their place, flushed, renamed, and the folder flushed too.
// fsync is called directly because the framework's own flush does not report a failure (.NET 10, Linux); and looked up as the
// framework's own calls are, so that whatever is preloaded to make a disk fail (chaos/shims) stands before it too.
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RaftLocks.Node.Raft;

internal static partial class DurableFile
{
    /// <summary>Writes a file so that its name always stands for whole contents.</summary>
    /// <exception cref="DiskException">The disk is full or failing; the old contents are untouched.</exception>
    public static void Replace(string path, Action<Stream> write)
    {
        var beside = path + ".tmp";
        try
        {
            using (var stream = new PacedFile(beside))
            {
                write(stream);
                stream.Flush();
                Flush(stream.SafeFileHandle, beside);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch (IOException e)
        {
            DeleteIfPossible(beside);
            if (e is DiskException)
            {
                throw;
            }

            throw new DiskException($"{path} could not be written: {e.Message}", e);
        }

        FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Gives a whole file its name, when its contents are on disk.</summary>
    public static void MoveInto(string written, string path)
    {
        using (var file = File.OpenHandle(written, FileMode.Open, FileAccess.ReadWrite))
        {
            Flush(file, written);
        }

        File.Move(written, path, overwrite: true);
        FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes durable what can be read in a range of a file. Written again rather than flushed: after a flush that failed, the page cache
    /// may hold as clean what the disk never got.</summary>
    /// <exception cref="IOException">The disk is failing.</exception>
    public static void WriteBack(string path, long offset = 0, long length = long.MaxValue)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, FileOptions.WriteThrough);
        var buffer = new byte[1 << 16];
        int read;
        while (length > 0 && (read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(length, buffer.Length)), offset)) > 0)
        {
            RandomAccess.Write(file, buffer.AsSpan(0, read), offset);
            offset += read;
            length -= read;
        }
    }

    /// <summary>Opens a file so that what is written to it is on disk when the write returns, and no more than that: where a write changes only contents
    /// that were there, nothing of the file's own data (its times) is written with it (O_DSYNC; the framework offers O_SYNC).</summary>
    /// <exception cref="IOException">It can't be opened.</exception>
    public static SafeFileHandle OpenWriteThrough(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, FileOptions.WriteThrough);
        }

        const int writeOnly = 1, dataSync = 0x1000, closeOnExec = 0x80000;
        var descriptor = Native.Open(path, writeOnly | dataSync | closeOnExec);
        return descriptor < 0
            ? throw new DiskException($"{path} can't be opened: {Marshal.GetLastPInvokeErrorMessage()}.")
            : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Makes durable what was written to a file by whatever descriptor.</summary>
    /// <exception cref="IOException">The disk is failing.</exception>
    public static void FlushFile(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Flush(file, path);
    }

    /// <summary>Makes the names in a folder durable: what was made, renamed or deleted.</summary>
    /// <exception cref="DiskException">The disk is failing.</exception>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Native.Open(directory, flags: 0);
        if (descriptor < 0)
        {
            throw new DiskException($"{directory} can't be opened to flush it: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Flush(handle, directory);
    }

    /// <summary>What is half written takes room that a full disk needs for other things.</summary>
    private static void DeleteIfPossible(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk that failed just now; the first failure is the one to tell of.
        }
    }

    private static void Flush(SafeFileHandle handle, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(handle);
        }
        else if (Native.FSync(handle) != 0)
        {
            throw new DiskException($"{path} could not be flushed to disk: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    /// <summary>Puts a large file on disk piece by piece: written in one go at its end it would hold up the log, which waits for the same disk, for as long as it takes.</summary>
    private sealed class PacedFile(string path) : FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16)
    {
        private const int PieceBytes = 1 << 20;
        private long flushed;

        public override void Write(byte[] buffer, int offset, int count)
        {
            base.Write(buffer, offset, count);
            if (Position - flushed >= PieceBytes)
            {
                base.Flush();
                DurableFile.Flush(SafeFileHandle, Name);
                flushed = Position;
            }
        }
    }

    private static partial class Native
    {
        static Native() => NativeLibrary.SetDllImportResolver(
            typeof(Native).Assembly, (name, _, _) => name == "libc" ? NativeLibrary.GetMainProgramHandle() : 0);

        [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
        public static partial int FSync(SafeFileHandle file);

        [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Open(string path, int flags);
    }
}
