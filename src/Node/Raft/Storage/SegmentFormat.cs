// How a log segment is written. A file is filled with zeros when it is made, and only ever written behind what is
// there:
//
// header, 64 bytes: hash 8 | magic "RLSG" | version 4 | sequence 8 | first index 8 | term of the entry before 8 | hash
// of the record before 8 | flags 4 | 0 4 | key 8
// record, 56 bytes: hash 8 | hash of the record (or header) before 8 | index 8 | term 8 | flushed index 8 | length 4 |
// flags 1 | tag 3 | command id 4 | tag 4
//                      contents, and zeros up to the next multiple of 8
//
// A hash (XXH3) is of all that follows it in its header, or record with contents. Each names the one before, so that
// what was left behind by an earlier life of the log never passes for its continuation.
//
// Contents come from clients, and a hash without a key is no secret: a client could send bytes that look like a record.
// Read in order, they never pass for one; but behind a torn write records are searched for. So each record carries a
// tag, which depends on the segment's random key, and a client can only guess its 56 bits. The key is 0, and there are
// no tags, in files of before; builds of before take no notice of either.
using System.Buffers.Binary;
using System.IO.Hashing;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Storage;

/// <summary>The head of a segment.</summary>
/// <param name="Sequence">Segments count up. A later one that begins at an index ends all earlier ones before
/// it.</param>
/// <param name="FirstIndex">The index of its first entry.</param>
/// <param name="PreviousTerm">The term of the entry before.</param>
/// <param name="PreviousHash">The hash of the record before; 0 if it begins anew.</param>
/// <param name="BeginsAnew">Whether it stands behind a snapshot, and nothing before it counts.</param>
/// <param name="Key">Random and secret; 0 if the segment's records have no tags.</param>
internal readonly record struct SegmentHeader(
    long Sequence,
    long FirstIndex,
    long PreviousTerm,
    ulong PreviousHash,
    bool BeginsAnew,
    ulong Key
);

/// <summary>The position of an entry in a segment, and what is written with it.</summary>
/// <param name="Hash">Its record's.</param>
/// <param name="Index">Its index.</param>
/// <param name="Term">The leader's term.</param>
/// <param name="FlushedIndex">All entries up to this one were on disk when it was appended.</param>
/// <param name="Length">Bytes of contents.</param>
internal readonly record struct RecordHeader(
    ulong Hash,
    long Index,
    long Term,
    long FlushedIndex,
    int Length,
    int? CommandId,
    bool IsConfiguration
);

internal static class SegmentFormat
{
    public const int HeaderBytes = 64;
    public const int RecordBytes = 56;

    private const uint Magic = 0x47534C52;
    private const int Version = 1;
    private const int BeginsAnewFlag = 1;
    private const int ConfigurationFlag = 1;
    private const int CommandFlag = 2;
    private const int TaggedFrom = 8;
    private const int FlagsPosition = 44;
    private const int TagPosition = 52;
    private const int TagBitsInFlags = 24;

    /// <summary>Bytes that an entry takes with so much contents.</summary>
    public static int SizeOf(int contentBytes) => RecordBytes + ((contentBytes + 7) & ~7);

    /// <summary>Writes a header; returns its hash.</summary>
    public static ulong WriteHeader(Span<byte> into, in SegmentHeader header)
    {
        var bytes = into[..HeaderBytes];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], header.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], header.FirstIndex);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], header.PreviousTerm);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[40..], header.PreviousHash);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[48..], header.BeginsAnew ? BeginsAnewFlag : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], header.Key);
        return Seal(bytes);
    }

    /// <summary>Reads a header; false if it is none, or damaged.</summary>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public static bool TryReadHeader(ReadOnlySpan<byte> from, out SegmentHeader header, out ulong hash)
    {
        (header, hash) = (default, 0);
        if (
            from.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(from[8..]) != Magic
            || !IsSealed(from[..HeaderBytes])
        )
        {
            return false;
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(from[12..]);
        if (version != Version)
        {
            throw version > Version
                ? NewerDataException.Format("The log", version, Version)
                : new WrongDataDirectoryException(
                    "The log was written by an older version of RaftLocks, which this version can't read. Start "
                        + "that version."
                );
        }

        hash = BinaryPrimitives.ReadUInt64LittleEndian(from);
        header = new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[40..]),
            (BinaryPrimitives.ReadInt32LittleEndian(from[48..]) & BeginsAnewFlag) != 0,
            BinaryPrimitives.ReadUInt64LittleEndian(from[56..])
        );
        return true;
    }

    /// <summary>Writes an entry; returns its hash.</summary>
    public static ulong Write(
        Span<byte> into,
        ulong key,
        ulong previousHash,
        long index,
        long flushedIndex,
        in RaftEntry entry
    )
    {
        var content = entry.Content.Span;
        var bytes = into[..(RecordBytes + content.Length)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], previousHash);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], index);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], entry.Term);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], flushedIndex);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(
            bytes[FlagsPosition..],
            (entry.IsConfiguration ? ConfigurationFlag : 0) | (entry.CommandId is null ? 0 : CommandFlag)
        );
        BinaryPrimitives.WriteInt32LittleEndian(bytes[48..], entry.CommandId ?? 0);
        if (key != 0)
        {
            var tag = TagOf(key, bytes);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[TagPosition..], (uint)tag);
            bytes[FlagsPosition + 1] = (byte)(tag >> 32);
            bytes[FlagsPosition + 2] = (byte)(tag >> 40);
            bytes[FlagsPosition + 3] = (byte)(tag >> 48);
        }

        content.CopyTo(bytes[RecordBytes..]);
        return Seal(bytes);
    }

    /// <summary>Reads an entry's record, whatever came before it; false if there is none, or it is damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out RecordHeader record, out ulong previousHash)
    {
        (record, previousHash) = (default, 0);
        if (from.Length < RecordBytes)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(from[40..]);
        if (length < 0 || length > from.Length - RecordBytes || !IsSealed(from[..(RecordBytes + length)]))
        {
            return false;
        }

        (record, previousHash) = (Parse(from), BinaryPrimitives.ReadUInt64LittleEndian(from[8..]));
        return true;
    }

    /// <summary>Whether a record was written into a segment with this key, and not into an entry by a client.</summary>
    public static bool HasTag(ulong key, ReadOnlySpan<byte> record)
    {
        var tag =
            BinaryPrimitives.ReadUInt32LittleEndian(record[TagPosition..])
            | ((ulong)(BinaryPrimitives.ReadUInt32LittleEndian(record[FlagsPosition..]) >> 8) << 32);
        return tag == TagOf(key, record);
    }

    /// <summary>Reads a record that is known to be whole.</summary>
    public static RecordHeader Parse(ReadOnlySpan<byte> from)
    {
        var flags = BinaryPrimitives.ReadInt32LittleEndian(from[44..]);
        return new RecordHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(from),
            BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[40..]),
            (flags & CommandFlag) != 0 ? BinaryPrimitives.ReadInt32LittleEndian(from[48..]) : null,
            (flags & ConfigurationFlag) != 0
        );
    }

    /// <summary>Computes the tag: it covers the record's head but for the hash, which is made later, and the tag
    /// itself.</summary>
    private static ulong TagOf(ulong key, ReadOnlySpan<byte> record)
    {
        Span<byte> head = stackalloc byte[TagPosition - TaggedFrom];
        record[TaggedFrom..TagPosition].CopyTo(head);
        head.Slice(FlagsPosition - TaggedFrom + 1, TagBitsInFlags / 8).Clear();
        return XxHash3.HashToUInt64(head, unchecked((long)key)) >> (64 - 32 - TagBitsInFlags);
    }

    private static ulong Seal(Span<byte> bytes)
    {
        var hash = XxHash3.HashToUInt64(bytes[8..]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
        return hash;
    }

    private static bool IsSealed(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes) == XxHash3.HashToUInt64(bytes[8..]);
}
