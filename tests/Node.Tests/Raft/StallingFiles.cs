// A disk on which what is done to some files stands still, until the power is cut: then it never happened.
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Tests.Raft;

internal sealed class StallingFiles : IFileSystem
{
    private readonly OsFileSystem files = OsFileSystem.Instance;
    private readonly Lock gate = new();
    private TaskCompletionSource powerCut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? stalled;
    private int standing;

    /// <summary>How many calls stand still.</summary>
    public int Standing => Volatile.Read(ref standing);

    /// <summary>From here on no file whose path contains a text gets its name.</summary>
    public void Stall(string part)
    {
        lock (gate)
        {
            stalled = part;
        }
    }

    /// <summary>What stands still fails, and what comes later works again.</summary>
    public void CutPower()
    {
        lock (gate)
        {
            stalled = null;
            powerCut.SetResult();
            powerCut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public bool FileExists(string path) => files.FileExists(path);

    public bool DirectoryExists(string path) => files.DirectoryExists(path);

    public bool HasEntries(string directory) => files.HasEntries(directory);

    public void CreateDirectory(string path) => files.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory, string extension) => files.ListFiles(directory, extension);

    public byte[] ReadAllBytes(string path) => files.ReadAllBytes(path);

    public long LengthOf(string path) => files.LengthOf(path);

    public Stream OpenRead(string path) => files.OpenRead(path);

    public IWritableFile Create(string path) => files.Create(path);

    public IWritableFile OpenWrite(string path) => files.OpenWrite(path);

    public IWritableFile OpenWriteThrough(string path) => files.OpenWriteThrough(path);

    public void Rename(string from, string to)
    {
        Task stall;
        lock (gate)
        {
            stall =
                stalled is not null && to.Contains(stalled, StringComparison.Ordinal)
                    ? powerCut.Task
                    : Task.CompletedTask;
        }

        if (!stall.IsCompleted)
        {
            Interlocked.Increment(ref standing);
            stall.Wait();
            Interlocked.Decrement(ref standing);
            throw new IOException("The power is cut.");
        }

        files.Rename(from, to);
    }

    public void Delete(string path) => files.Delete(path);

    public void FlushFile(string path) => files.FlushFile(path);

    public void FlushDirectory(string directory) => files.FlushDirectory(directory);

    public void WriteBack(string path, long offset = 0, long length = long.MaxValue) =>
        files.WriteBack(path, offset, length);

    public IDisposable Lock(string path) => files.Lock(path);
}
