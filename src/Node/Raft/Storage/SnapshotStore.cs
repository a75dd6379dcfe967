// Snapshots on disk: written beside the log, checked before the log opens, set aside when damaged (SnapshotFormat.cs
// says what is in one). The name is the index, so the newest is the greatest.
using System.Globalization;
using DotNext.IO;
using RaftLocks.Node.Raft.Files;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft.Storage;

internal sealed class SnapshotStore(IFileSystem files, string directory, ILogger logger)
{
    /// <summary>The extension of a snapshot's file.</summary>
    public const string Extension = ".snapshot";

    /// <summary>The newest whole snapshot, and the machine it holds; newer damaged ones are set aside.</summary>
    public (SnapshotFile? File, LockStateMachine Machine) Load(uint hashSeed)
    {
        files.CreateDirectory(directory);
        foreach (var leftover in files.ListFiles(directory, ".tmp"))
        {
            files.Delete(leftover);
        }

        foreach (var path in files.ListFiles(directory, Extension).Reverse())
        {
            LockStateMachine? machine = null;
            var wrong = Check(path, out var file) ?? Restore(file, hashSeed, out machine);
            if (wrong is null)
            {
                return (file, machine!);
            }

            var aside = path + ".damaged";
            files.Rename(path, aside);
            StorageLog.SnapshotSetAside(logger, path, aside, wrong);
        }

        return (null, new LockStateMachine(hashSeed));
    }

    /// <summary>Writes a frozen state. On any thread.</summary>
    public SnapshotFile Save(FrozenState frozen)
    {
        var path = PathOf(frozen.Index);
        files.Replace(path, stream => SnapshotFormat.Write(stream, frozen));
        return new SnapshotFile(files, path, frozen.Index, frozen.Term);
    }

    /// <summary>Takes in a snapshot that the leader sends: checks it whole, and only then makes it ours.</summary>
    /// <param name="sent">The snapshot.</param>
    /// <param name="accepted">Called when it is known to be whole, before it becomes ours.</param>
    /// <param name="token">Breaks the transfer off.</param>
    /// <exception cref="InvalidDataException">It arrived damaged.</exception>
    /// <exception cref="NewerDataException">This build is too old for it.</exception>
    public async Task<SnapshotFile> ReceiveAsync<TEntry>(TEntry sent, Action accepted, CancellationToken token)
        where TEntry : IDataTransferObject
    {
        var received = Path.Combine(directory, "received.tmp");
        using (var file = files.Create(received))
        {
            await using var stream = new FileWriteStream(file, flushesOnTheWay: false);
            await sent.WriteToAsync(stream, SnapshotFormat.PartBytes, token);
        }

        return Adopt(received, accepted);
    }

    /// <summary>
    /// Takes in a snapshot that is in a file of the same disk: checks it whole, and moves it to its place.
    /// </summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="NewerDataException">This build is too old for it.</exception>
    public SnapshotFile Adopt(string path, Action? accepted = null)
    {
        if (Check(path, out var file) is { } wrong)
        {
            RefuseNewer(path);
            files.Delete(path);
            throw new InvalidDataException("The snapshot arrived damaged: " + wrong);
        }

        accepted?.Invoke();
        files.MoveInto(path, PathOf(file.Index));
        return new SnapshotFile(files, PathOf(file.Index), file.Index, file.Term);
    }

    /// <summary>Deletes the snapshots older than an index.</summary>
    public void DeleteOlderThan(long index)
    {
        foreach (var path in files.ListFiles(directory, Extension))
        {
            if (string.CompareOrdinal(path, PathOf(index)) < 0)
            {
                files.Delete(path);
            }
        }
    }

    private void RefuseNewer(string path)
    {
        try
        {
            using var stream = files.OpenRead(path);
            SnapshotFormat.CheckVersion(stream, "The snapshot that the leader sent");
        }
        catch (NewerDataException)
        {
            files.Delete(path);
            throw;
        }
    }

    // Null, or what is wrong with a snapshot.
    private string? Check(string path, out SnapshotFile file)
    {
        using var stream = files.OpenRead(path);
        var wrong = SnapshotFormat.Check(stream, out var check);
        file = new SnapshotFile(files, path, check.Index, check.Term);
        return wrong;
    }

    private string? Restore(SnapshotFile file, uint hashSeed, out LockStateMachine? machine)
    {
        using var stream = files.OpenRead(file.Path);
        using var quiet = NoGcScope.During(stream.Length);
        return SnapshotFormat.Restore(stream, hashSeed, out machine);
    }

    private string PathOf(long index) =>
        Path.Combine(directory, index.ToString("d20", CultureInfo.InvariantCulture) + Extension);
}
