// Snapshots on disk: written beside the log, checked before the log opens, set aside when damaged (SnapshotFormat.cs says what is in
// one). The name is the index, so the newest is the greatest.
using System.Globalization;
using DotNext.IO;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed class SnapshotStore(string directory, ILogger logger)
{
    private const string Extension = ".snapshot";

    /// <summary>The newest whole snapshot, and the machine it holds; newer damaged ones are set aside.</summary>
    public (SnapshotFile? File, LockStateMachine Machine) Load(uint hashSeed)
    {
        Directory.CreateDirectory(directory);
        foreach (var leftover in Directory.EnumerateFiles(directory, "*.tmp"))
        {
            File.Delete(leftover);
        }

        foreach (var path in Directory.EnumerateFiles(directory, "*" + Extension).OrderDescending(StringComparer.Ordinal))
        {
            if (TryOpen(path, out var why) is { } file && TryRestore(file, hashSeed, out why) is { } machine)
            {
                return (file, machine);
            }

            var aside = path + ".damaged";
            File.Move(path, aside, overwrite: true);
            Log.SnapshotSetAside(logger, path, aside, why);
        }

        return (null, new LockStateMachine(hashSeed));
    }

    /// <summary>Writes a frozen state. On any thread.</summary>
    public SnapshotFile Save(FrozenState frozen)
    {
        var path = PathOf(frozen.Index);
        DurableFile.Replace(path, stream => SnapshotFormat.Write(stream, frozen));
        return new SnapshotFile(path, frozen.Index, frozen.Term);
    }

    /// <summary>Takes in a snapshot that the leader sends: checks it whole, and only then makes it ours.</summary>
    /// <exception cref="InvalidDataException">It arrived damaged.</exception>
    public async Task<SnapshotFile> ReceiveAsync<TEntry>(TEntry sent, CancellationToken token)
        where TEntry : IDataTransferObject
    {
        var received = Path.Combine(directory, "received.tmp");
        await using (var stream = new FileStream(received, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1))
        {
            await sent.WriteToAsync(stream, SnapshotFormat.PartBytes, token);
        }

        return Adopt(received);
    }

    /// <summary>Takes in a snapshot that lies in a file of the same disk: checks it whole, and moves it to its place.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public SnapshotFile Adopt(string path)
    {
        if (TryOpen(path, out var why) is not { } file)
        {
            File.Delete(path);
            throw new InvalidDataException("The snapshot arrived damaged: " + why);
        }

        DurableFile.MoveInto(path, PathOf(file.Index));
        return new SnapshotFile(PathOf(file.Index), file.Index, file.Term);
    }

    /// <summary>Deletes the snapshots older than an index.</summary>
    public void DeleteOlderThan(long index)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*" + Extension))
        {
            if (string.CompareOrdinal(path, PathOf(index)) < 0)
            {
                File.Delete(path);
            }
        }
    }

    private static SnapshotFile? TryOpen(string path, out string why)
    {
        using var stream = SnapshotFormat.OpenRead(path);
        return SnapshotFormat.Check(stream, out why) is { } check ? new SnapshotFile(path, check.Index, check.Term) : null;
    }

    private static LockStateMachine? TryRestore(SnapshotFile file, uint hashSeed, out string why)
    {
        using var stream = SnapshotFormat.OpenRead(file.Path);
        using var quiet = QuietHeap.During(stream.Length);
        return SnapshotFormat.Restore(stream, hashSeed, out why);
    }

    private string PathOf(long index) => Path.Combine(directory, index.ToString("d20", CultureInfo.InvariantCulture) + Extension);
}
