// What stands around the contents of this node's small files, so that a file that is damaged, or another version's, is never taken for what it is not:
//
//   magic 4 | version 4 | contents | CRC-32 of all before it 4
using System.Buffers.Binary;
using System.IO.Hashing;

namespace RaftLocks.Node.Raft;

/// <summary>Of one kind of file.</summary>
/// <param name="Magic">Its first four bytes, as a little-endian number.</param>
/// <param name="Version">The version that is written, and the only one that is read.</param>
internal readonly record struct Seal(uint Magic, int Version)
{
    /// <summary>Bytes before the contents.</summary>
    public const int Before = 4 + 4;

    /// <summary>Bytes after them.</summary>
    public const int After = 4;

    /// <summary>Writes all but the contents, which are there.</summary>
    public void Close(Span<byte> file)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(file, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(file[4..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(file[^After..], Crc32.HashToUInt32(file[..^After]));
    }

    /// <summary>The contents.</summary>
    /// <param name="file">What was read.</param>
    /// <param name="length">How long the contents are.</param>
    /// <param name="what">What the file is, for people: with its path.</param>
    /// <exception cref="DamagedDataException">It is damaged.</exception>
    /// <exception cref="WrongDataDirectoryException">Another version wrote it.</exception>
    public ReadOnlySpan<byte> Open(ReadOnlySpan<byte> file, int length, string what)
    {
        if (file.Length != Before + length + After
            || BinaryPrimitives.ReadUInt32LittleEndian(file) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(file[^After..]) != Crc32.HashToUInt32(file[..^After]))
        {
            throw new DamagedDataException($"{what} is damaged.");
        }

        return BinaryPrimitives.ReadInt32LittleEndian(file[4..]) == Version
            ? file.Slice(Before, length)
            : throw new WrongDataDirectoryException($"{what} was written by another version of RaftLocks. Start that version.");
    }
}
