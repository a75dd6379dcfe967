// Files that are there after a power cut, or not at all: written beside their place, flushed, renamed, and the folder flushed too.
// fsync is called directly because the framework's own flush does not report a failure (.NET 10, Linux).
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RaftLocks.Node.Raft;

internal static partial class DurableFile
{
    /// <summary>Writes a file so that its name always stands for whole contents.</summary>
    /// <exception cref="IOException">The disk is full or failing; the old contents are untouched.</exception>
    public static void Replace(string path, Action<Stream> write)
    {
        var beside = path + ".tmp";
        using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            write(stream);
            stream.Flush();
            Flush(stream.SafeFileHandle, beside);
        }

        File.Move(beside, path, overwrite: true);
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

    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Native.Open(directory, flags: 0);
        if (descriptor < 0)
        {
            throw new IOException($"{directory} can't be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Flush(handle, directory);
    }

    private static void Flush(SafeFileHandle handle, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(handle);
        }
        else if (Native.FSync(handle) != 0)
        {
            throw new IOException($"{path} could not be flushed to disk (error {Marshal.GetLastPInvokeError()}).");
        }
    }

    private static partial class Native
    {
        [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
        public static partial int FSync(SafeFileHandle file);

        [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Open(string path, int flags);
    }
}
