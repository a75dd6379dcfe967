// The envelope around the contents of this node's small files, so that a file that is damaged, or of another version,
// is never read by mistake:
//
//   magic 4 | version 4 | contents | CRC-32 of all before it 4
using System.Buffers.Binary;
using System.IO.Hashing;

namespace RaftLocks.Node.Raft.Files;

/// <summary>The envelope of one kind of file.</summary>
/// <param name="Magic">Its first four bytes, as a little-endian number.</param>
/// <param name="Version">The version that is written, and the only one that is read.</param>
internal readonly record struct FileEnvelope(uint Magic, int Version)
{
    /// <summary>Bytes before the contents.</summary>
    public const int Before = 4 + 4;

    /// <summary>Bytes after them.</summary>
    public const int After = 4;

    /// <summary>Writes everything around the contents, which are there already.</summary>
    public void Close(Span<byte> file)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(file, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(file[4..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(file[^After..], Crc32.HashToUInt32(file[..^After]));
    }

    /// <summary>
    /// Whether a newer version wrote a file. Its layout beyond magic and version is not known; that the checksum still
    /// ends it, or its head, is.
    /// </summary>
    /// <param name="file">What was read.</param>
    /// <param name="headBytes">Bytes of the sealed head, where more follows it; else the file's length.</param>
    /// <param name="version">The file's version.</param>
    public bool IsNewer(ReadOnlySpan<byte> file, int headBytes, out int version)
    {
        version = file.Length < Before + After ? 0 : BinaryPrimitives.ReadInt32LittleEndian(file[4..]);
        return version > Version
            && BinaryPrimitives.ReadUInt32LittleEndian(file) == Magic
            && (IsClosed(file) || (headBytes < file.Length && IsClosed(file[..headBytes])));
    }

    /// <summary>Refuses a file that a newer version wrote; says nothing of other files.</summary>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public void CheckVersion(ReadOnlySpan<byte> file, string what)
    {
        if (IsNewer(file, file.Length, out var version))
        {
            throw NewerDataException.Format(what, version, Version);
        }
    }

    /// <summary>Returns the contents.</summary>
    /// <param name="file">What was read.</param>
    /// <param name="length">How long the contents are.</param>
    /// <param name="what">What the file is, for people: with its path.</param>
    /// <exception cref="DamagedDataException">It is damaged.</exception>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    /// <exception cref="WrongDataDirectoryException">An older version wrote it, which this build can't
    /// read.</exception>
    public ReadOnlySpan<byte> Open(ReadOnlySpan<byte> file, int length, string what)
    {
        if (IsNewer(file, file.Length, out var newer))
        {
            throw NewerDataException.Format(what, newer, Version);
        }

        if (
            file.Length != Before + length + After
            || BinaryPrimitives.ReadUInt32LittleEndian(file) != Magic
            || !IsClosed(file)
        )
        {
            throw new DamagedDataException($"{what} is damaged.");
        }

        return BinaryPrimitives.ReadInt32LittleEndian(file[4..]) == Version
            ? file.Slice(Before, length)
            : throw new WrongDataDirectoryException(
                $"{what} was written by an older version of RaftLocks, which this version can't read. Start that "
                    + "version."
            );
    }

    private static bool IsClosed(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[^After..]) == Crc32.HashToUInt32(bytes[..^After]);
}
