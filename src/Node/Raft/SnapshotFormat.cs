// A snapshot as a file, in a data folder, between members, or saved by an operator: a small header of ours (magic "RLSF", version, index,
// term, CRC-32 of these), then what the state machine wrote, which carries its own version and checksum. Always read in parts: a
// snapshot of a million locks has some hundred megabytes.
using System.Buffers.Binary;
using System.IO.Hashing;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

internal static class SnapshotFormat
{
    public const int HeaderBytes = 4 + 4 + 8 + 8 + 4;
    public const int PartBytes = 1 << 18;

    private const uint Magic = 0x46534C52;
    private const int Version = 1;

    public static void Write(Stream stream, FrozenState frozen)
    {
        stream.Write(Header(frozen.Index, frozen.Term));
        frozen.WriteTo(new StreamBufferWriter(stream));
    }

    /// <summary>Reads a snapshot to its end without making anything of it; null, and why, if it is not as it was written.</summary>
    public static SnapshotCheck? Check(Stream stream, out string why)
    {
        var header = new byte[HeaderBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
        {
            why = "it is too short";
            return null;
        }

        var (index, term) = (BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)), BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(16)));
        if (!header.AsSpan().SequenceEqual(Header(index, term)))
        {
            why = "its header is damaged or of another version";
            return null;
        }

        var check = new SnapshotCheck();
        why = InParts(stream, check.Append) ?? check.Complete() ?? "";
        if (why.Length == 0 && (check.Index != index || check.Term != term))
        {
            why = "its header belongs to another snapshot";
        }

        return why.Length == 0 ? check : null;
    }

    /// <summary>Makes the state that a snapshot was taken of; null, and why, if it can't.</summary>
    public static LockStateMachine? Restore(Stream stream, uint hashSeed, out string why)
    {
        stream.Position = HeaderBytes;
        var restorer = new StateRestorer(hashSeed);
        LockStateMachine? restored = null;
        why = InParts(stream, restorer.Append) ?? restorer.Complete(out restored) ?? "";
        return restored;
    }

    public static FileStream OpenRead(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan);

    private static string? InParts(Stream stream, Func<ReadOnlySpan<byte>, string?> take)
    {
        var part = new byte[PartBytes];
        int read;
        while ((read = stream.Read(part)) > 0)
        {
            if (take(part.AsSpan(0, read)) is { } error)
            {
                return error;
            }
        }

        return null;
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
}
