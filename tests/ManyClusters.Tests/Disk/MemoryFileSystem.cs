// A disk in memory as one process sees it. When the process is killed, whatever it still tries fails: a killed process
// writes nothing.
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.ManyClusters.Disk;

/// <summary>One process' way to a disk.</summary>
internal sealed class MemoryFileSystem(MemoryDisk disk) : IFileSystem
{
    // As Linux says it.
    private const int InputOutputError = 5;
    private const int NoSpace = 28;
    private const int SharingViolation = 11;

    private readonly MemoryDisk disk = disk;
    private bool ended;
    private int calls;

    /// <summary>The process is killed at its call of this number, counted from 0; never if it is null.</summary>
    public int? EndsAt { get; init; }

    /// <summary>The process is gone.</summary>
    public void End()
    {
        lock (disk.Gate)
        {
            ended = true;
            disk.Unlock(this);
            Monitor.PulseAll(disk.Gate);
        }
    }

    /// <inheritdoc/>
    public bool FileExists(string path) => Do(() => disk.Find(path) is not null);

    /// <inheritdoc/>
    public bool DirectoryExists(string path) => Do(() => disk.HasDirectory(path));

    /// <inheritdoc/>
    public bool HasEntries(string directory) => Do(() => disk.FilesIn(directory).Any());

    /// <inheritdoc/>
    public void CreateDirectory(string path) =>
        Do(() =>
        {
            disk.AddDirectory(path);
            return true;
        });

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory, string extension) =>
        Do(() =>
            disk.FilesIn(directory)
                .Where(path => path.EndsWith(extension, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .ToArray()
        );

    /// <inheritdoc/>
    public byte[] ReadAllBytes(string path) => Do(() => Existing(path).ReadAll());

    /// <inheritdoc/>
    public long LengthOf(string path) => Do(() => (long)Existing(path).Length);

    /// <inheritdoc/>
    public Stream OpenRead(string path) => new MemoryStream(ReadAllBytes(path), writable: false);

    /// <inheritdoc/>
    public IWritableFile Create(string path) =>
        Do(() =>
        {
            FailIfFaulty(path);
            var contents = new FileContents();
            disk.Change(FolderOf(path), (path, contents));
            return new Handle(this, path, contents, writeThrough: false);
        });

    /// <inheritdoc/>
    public IWritableFile OpenWrite(string path) =>
        Do(() =>
            disk.Find(path) is { } contents ? new Handle(this, path, contents, writeThrough: false) : Create(path)
        );

    /// <inheritdoc/>
    public IWritableFile OpenWriteThrough(string path) =>
        Do(() => new Handle(this, path, Existing(path), writeThrough: true));

    /// <inheritdoc/>
    public void Rename(string from, string to) =>
        Do(() =>
        {
            FailIfFaulty(to);
            disk.Change(FolderOf(to), (to, Existing(from)), (from, null));
            return true;
        });

    /// <inheritdoc/>
    public void Delete(string path) =>
        Do(() =>
        {
            if (disk.Find(path) is not null)
            {
                disk.Change(FolderOf(path), (path, null));
            }

            return true;
        });

    /// <inheritdoc/>
    public void FlushFile(string path) =>
        Do(() =>
        {
            var contents = Existing(path);
            WaitForDisk(path);
            contents.Flush();
            return true;
        });

    /// <inheritdoc/>
    public void FlushDirectory(string directory) =>
        Do(() =>
        {
            WaitForDisk(directory);
            disk.FlushNames(directory);
            return true;
        });

    /// <inheritdoc/>
    public void WriteBack(string path, long offset = 0, long length = long.MaxValue) =>
        Do(() =>
        {
            var contents = Existing(path);
            WaitForDisk(path);
            contents.WriteBack(offset, length);
            return true;
        });

    /// <inheritdoc/>
    public IDisposable Lock(string path) =>
        Do(() =>
        {
            if (!disk.TryLock(path, this))
            {
                throw new IOException($"{path} is in use.", SharingViolation);
            }

            if (disk.Find(path) is null)
            {
                disk.Change(FolderOf(path), (path, new FileContents()));
            }

            return new Held(this);
        });

    private static string FolderOf(string path) => Path.GetDirectoryName(path)!;

    private T Do<T>(Func<T> work)
    {
        lock (disk.Gate)
        {
            ended |= calls++ == EndsAt;
            ThrowIfEnded();
            return work();
        }
    }

    private FileContents Existing(string path) =>
        disk.Find(path) ?? throw new FileNotFoundException($"{path} is not there.", path);

    /// <summary>Waits as long as the disk makes everybody wait who writes to a file durably.</summary>
    private void WaitForDisk(string path)
    {
        FailIfFaulty(path);
        if (disk.Fault is { Kind: DiskFaultKind.Slow } slow && path.Contains(slow.Part, StringComparison.Ordinal))
        {
            var until = Environment.TickCount64 + slow.DelayMs;
            for (
                var left = (long)slow.DelayMs;
                left > 0 && !ended && disk.Fault == slow;
                left = until - Environment.TickCount64
            )
            {
                Monitor.Wait(disk.Gate, (int)left);
            }
        }

        while (
            !ended
            && disk.Fault is { Kind: DiskFaultKind.Hang } hang
            && path.Contains(hang.Part, StringComparison.Ordinal)
        )
        {
            Monitor.Wait(disk.Gate);
        }

        ThrowIfEnded();
        FailIfFaulty(path);
    }

    private void FailIfFaulty(string path)
    {
        if (
            disk.Fault is { Kind: DiskFaultKind.Error or DiskFaultKind.Full } failing
            && path.Contains(failing.Part, StringComparison.Ordinal)
        )
        {
            throw failing.Kind == DiskFaultKind.Full
                ? new IOException($"No space left on device : '{path}'", NoSpace)
                : new IOException($"Input/output error : '{path}'", InputOutputError);
        }
    }

    private void ThrowIfEnded()
    {
        if (ended)
        {
            throw new IOException("This process was killed.");
        }
    }

    private sealed class Held(MemoryFileSystem owner) : IDisposable
    {
        public void Dispose()
        {
            lock (owner.disk.Gate)
            {
                owner.disk.Unlock(owner);
            }
        }
    }

    private sealed class Handle(MemoryFileSystem files, string path, FileContents contents, bool writeThrough)
        : IWritableFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            lock (files.disk.Gate)
            {
                files.ThrowIfEnded();
                files.FailIfFaulty(path);
                if (!writeThrough)
                {
                    contents.Write(bytes, offset);
                    return;
                }

                var write = contents.BeginWriteThrough(bytes, offset);
                files.WaitForDisk(path);
                contents.Settle(write);
            }
        }

        public void Flush()
        {
            lock (files.disk.Gate)
            {
                files.ThrowIfEnded();
                files.WaitForDisk(path);
                contents.Flush();
            }
        }

        public void Dispose()
        {
            // A file that is closed is as durable as it was.
        }
    }
}
