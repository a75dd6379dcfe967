// Gives a file its name when its bytes are on the disk, and returns when the name is too. fsync is called directly: the
// framework's own flush reports no failure (.NET 10, Linux), and has none for folders.
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RaftLocks.Cli.Shared;

internal static partial class DurableMove
{
    /// <summary>Moves a whole file to where none is.</summary>
    /// <exception cref="IOException">It may not be there after a power cut.</exception>
    public static void Move(string written, string path)
    {
        using (var file = File.OpenHandle(written, FileMode.Open, FileAccess.ReadWrite))
        {
            Flush(file, written);
        }

        File.Move(written, path);
        if (!OperatingSystem.IsWindows())
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            using var handle = new SafeFileHandle(Open(folder, flags: 0), ownsHandle: true);
            Flush(handle, folder);
        }
    }

    private static void Flush(SafeFileHandle handle, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(handle);
        }
        else if (handle.IsInvalid || FSync(handle) != 0)
        {
            throw new IOException($"{path} could not be flushed to disk: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
