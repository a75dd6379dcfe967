// Snapshots on disk: written beside the log, checked before the log opens, set aside when damaged.
// A file is a small header of ours (magic "RLSF", version, index, term, CRC-32 of these) followed by what the state machine wrote,
// which carries its own version and checksum. The name is the index, so the newest is the greatest.
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed class SnapshotStore(string directory, ILogger logger)
{
    private const uint Magic = 0x46534C52;
    private const int Version = 1;
    private const int HeaderBytes = 4 + 4 + 8 + 8 + 4;
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
            var bytes = File.ReadAllBytes(path);
            if (TryParse(bytes, path, hashSeed, out var why) is { } loaded)
            {
                return loaded;
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
        DurableFile.Replace(path, stream =>
        {
            stream.Write(Header(frozen.Index, frozen.Term));
            var writer = new StreamBufferWriter(stream);
            frozen.WriteTo(writer);
        });
        return new SnapshotFile(path, frozen.Index, frozen.Term);
    }

    /// <summary>Takes in a snapshot that the leader sent: checks it whole, and only then makes it ours.</summary>
    /// <exception cref="InvalidDataException">It arrived damaged.</exception>
    public (SnapshotFile File, LockStateMachine Machine) Install(byte[] bytes, uint hashSeed)
    {
        if (TryParse(bytes, "received", hashSeed, out var why) is not { File: { } header } loaded)
        {
            throw new InvalidDataException("The leader's snapshot arrived damaged: " + why);
        }

        var path = PathOf(header.Index);
        DurableFile.Replace(path, stream => stream.Write(bytes));
        return (new SnapshotFile(path, header.Index, header.Term), loaded.Machine);
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

    private static byte[] Header(long index, long term)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), index);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), term);
        Crc32.Hash(header.AsSpan(0, HeaderBytes - 4), header.AsSpan(HeaderBytes - 4));
        return header;
    }

    private static (SnapshotFile? File, LockStateMachine Machine)? TryParse(byte[] bytes, string path, uint hashSeed, out string why)
    {
        why = "it is too short";
        if (bytes.Length < HeaderBytes)
        {
            return null;
        }

        var index = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8));
        var term = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16));
        if (!bytes.AsSpan(0, HeaderBytes).SequenceEqual(Header(index, term)))
        {
            why = "its header is damaged or of another version";
            return null;
        }

        var machine = LockStateMachine.TryRestore(bytes.AsSpan(HeaderBytes), hashSeed, out var error);
        why = error ?? "";
        return machine is null ? null : (new SnapshotFile(path, index, term), machine);
    }

    private string PathOf(long index) => Path.Combine(directory, index.ToString("d20", CultureInfo.InvariantCulture) + Extension);
}
