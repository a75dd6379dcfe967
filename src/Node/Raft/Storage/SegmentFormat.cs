// How a log segment is written. A file is filled with zeros when it is made, and only ever written behind what is there:
//
//   header, 64 bytes:  hash 8 | magic "RLSG" | version 4 | sequence 8 | first index 8 | term of the entry before 8 | hash of the record before 8 | flags 4 | 0
//   record, 56 bytes:  hash 8 | hash of the record (or header) before 8 | index 8 | term 8 | flushed index 8 | length 4 | flags 4 | command id 4 | 0
//                      contents, and zeros up to the next multiple of 8
//
// A hash (XXH3) is of all that follows it in its header, or record with contents. Each names the one before, so that what was left behind by an
// earlier life of the log never passes for its continuation.
using System.Buffers.Binary;
using System.IO.Hashing;

namespace RaftLocks.Node.Raft;

/// <summary>What a segment says of itself.</summary>
/// <param name="Sequence">Segments count up. A later one that begins at an index ends all earlier ones before it.</param>
/// <param name="FirstIndex">Of its entries.</param>
/// <param name="PreviousTerm">The term of the entry before.</param>
/// <param name="PreviousHash">The hash of the record before; 0 if it begins anew.</param>
/// <param name="BeginsAnew">Whether it stands behind a snapshot, and nothing before it counts.</param>
internal readonly record struct SegmentHeader(long Sequence, long FirstIndex, long PreviousTerm, ulong PreviousHash, bool BeginsAnew);

/// <summary>Where an entry lies in a segment, and what is written with it.</summary>
/// <param name="Hash">Its record's.</param>
/// <param name="Index">Its index.</param>
/// <param name="Term">Its term.</param>
/// <param name="FlushedIndex">All entries up to this one were on disk when it was appended.</param>
/// <param name="Length">Bytes of contents.</param>
internal readonly record struct RecordHeader(ulong Hash, long Index, long Term, long FlushedIndex, int Length, int? CommandId, bool IsConfiguration);

internal static class SegmentFormat
{
    public const int HeaderBytes = 64;
    public const int RecordBytes = 56;

    private const uint Magic = 0x47534C52;
    private const int Version = 1;
    private const int BeginsAnewFlag = 1;
    private const int ConfigurationFlag = 1;
    private const int CommandFlag = 2;

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
        return Seal(bytes);
    }

    /// <summary>Reads a header; false if it is none, or damaged.</summary>
    /// <exception cref="WrongDataDirectoryException">A newer version wrote it.</exception>
    public static bool TryReadHeader(ReadOnlySpan<byte> from, out SegmentHeader header, out ulong hash)
    {
        (header, hash) = (default, 0);
        if (from.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(from[8..]) != Magic || !IsSealed(from[..HeaderBytes]))
        {
            return false;
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(from[12..]) != Version)
        {
            throw new WrongDataDirectoryException("The log was written by a newer version of RaftLocks. Start that version.");
        }

        hash = BinaryPrimitives.ReadUInt64LittleEndian(from);
        header = new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[40..]),
            (BinaryPrimitives.ReadInt32LittleEndian(from[48..]) & BeginsAnewFlag) != 0);
        return true;
    }

    /// <summary>Writes an entry; returns its hash.</summary>
    public static ulong Write(Span<byte> into, ulong previousHash, long index, long flushedIndex, in RaftEntry entry)
    {
        var content = entry.Content.Span;
        var bytes = into[..(RecordBytes + content.Length)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], previousHash);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], index);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], entry.Term);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], flushedIndex);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(
            bytes[44..], (entry.IsConfiguration ? ConfigurationFlag : 0) | (entry.CommandId is null ? 0 : CommandFlag));
        BinaryPrimitives.WriteInt32LittleEndian(bytes[48..], entry.CommandId ?? 0);
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
            (flags & ConfigurationFlag) != 0);
    }

    private static ulong Seal(Span<byte> bytes)
    {
        var hash = XxHash3.HashToUInt64(bytes[8..]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
        return hash;
    }

    private static bool IsSealed(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes) == XxHash3.HashToUInt64(bytes[8..]);
}
