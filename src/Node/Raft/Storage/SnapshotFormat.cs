// A snapshot as a file, in a data folder, between members, or saved by an operator: a small header of ours (magic
// "RLSF", version, index, term, CRC-32 of these), then what the state machine wrote, which carries its own version and
// checksum. Always read in parts: a snapshot of a million locks has some hundred megabytes.
using System.Buffers.Binary;
using System.IO.Hashing;
using RaftLocks.Node.Raft.Files;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft.Storage;

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

    /// <summary>
    /// Refuses a snapshot that a newer version wrote; says nothing of one that is damaged. Only one that says that it
    /// is newer is read to its end.
    /// </summary>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public static void CheckVersion(Stream stream, string what)
    {
        var bytes = new byte[HeaderBytes + Versions.SnapshotHeadBytes];
        stream.Position = 0;
        var head = bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        if (
            head.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(head) != Magic
            || Crc32.HashToUInt32(head[..(HeaderBytes - 4)])
                != BinaryPrimitives.ReadUInt32LittleEndian(head[(HeaderBytes - 4)..])
        )
        {
            return;
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        if (version > Version)
        {
            throw NewerDataException.Format(what, version, Version);
        }

        if (Versions.OfSnapshot(head[HeaderBytes..]) is { IsNewer: true } needs && EndsWithItsChecksum(stream))
        {
            throw new NewerDataException(what, needs.Describe(Versions.Snapshot));
        }
    }

    /// <summary>Reads a snapshot to its end without making anything of it.</summary>
    /// <returns>Null if it is as it was written, else what is wrong.</returns>
    public static string? Check(Stream stream, out SnapshotCheck check)
    {
        check = new SnapshotCheck();
        var header = new byte[HeaderBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
        {
            return "it is too short";
        }

        var (index, term) = (
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)),
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(16))
        );
        if (!header.AsSpan().SequenceEqual(Header(index, term)))
        {
            return "its header is damaged or of another version";
        }

        return InParts(stream, check.Append)
            ?? check.Complete()
            ?? (check.Index != index || check.Term != term ? "its header belongs to another snapshot" : null);
    }

    /// <summary>Makes the state that a snapshot was taken of.</summary>
    /// <param name="stream">The snapshot.</param>
    /// <param name="hashSeed">See the constructor of <see cref="LockStateMachine"/>.</param>
    /// <param name="restored">The state; null if something is wrong.</param>
    /// <param name="raiseIds">By how much the counters of all namespaces are raised.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Restore(Stream stream, uint hashSeed, out LockStateMachine? restored, ulong raiseIds = 0)
    {
        stream.Position = HeaderBytes;
        var restorer = new StateRestorer(hashSeed, raiseIds);
        restored = null;
        return InParts(stream, restorer.Append) ?? restorer.Complete(out restored);
    }

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

    /// <summary>
    /// The one thing that is known of the contents of any version: they end with a checksum of all before it.
    /// </summary>
    private static bool EndsWithItsChecksum(Stream stream)
    {
        stream.Position = HeaderBytes;
        var sum = new TrailingChecksum();
        InParts(
            stream,
            part =>
            {
                sum.Append(part);
                return null;
            }
        );
        return sum.Holds;
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
