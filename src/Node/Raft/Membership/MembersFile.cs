// The members as this node has last applied them, on disk: what the log's configuration entries are built upon at a
// start.
//
//   magic "RLMF" | version 4 | index 8 | CRC-32 of these 4 | list of members (MemberCodec)
using System.Buffers.Binary;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Membership;

/// <summary>The file. One thread at a time.</summary>
internal sealed class MembersFile(IFileSystem files, string path)
{
    private const int IndexBytes = 8;
    private const int HeaderBytes = FileEnvelope.Before + IndexBytes + FileEnvelope.After;
    private static readonly FileEnvelope Envelope = new(Magic: 0x464D4C52, Version: 1);

    /// <summary>Reads the members and the index of the entry that made them so; null if there is no file yet.</summary>
    /// <exception cref="DamagedDataException">The file is damaged.</exception>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public (long Index, IReadOnlyList<Member> Members)? Read()
    {
        if (!files.FileExists(path))
        {
            return null;
        }

        var bytes = files.ReadAllBytes(path);
        var index = Envelope.Open(
            bytes.AsSpan(0, Math.Min(bytes.Length, HeaderBytes)),
            IndexBytes,
            $"The list of members, {path},"
        );
        try
        {
            return (BinaryPrimitives.ReadInt64LittleEndian(index), MemberCodec.Decode(bytes.AsSpan(HeaderBytes)));
        }
        catch (InvalidDataException e)
        {
            throw new DamagedDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Refuses a file that a newer version wrote; says nothing of other files.</summary>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public static void CheckVersion(IFileSystem files, string path)
    {
        var bytes = files.ReadAllBytes(path);
        if (Envelope.IsNewer(bytes, HeaderBytes, out var version))
        {
            throw NewerDataException.Format($"The list of members, {path},", version, Envelope.Version);
        }

        if (bytes.Length > HeaderBytes)
        {
            MemberCodec.CheckVersion(bytes.AsSpan(HeaderBytes));
        }
    }

    /// <summary>Replaces the file durably.</summary>
    /// <exception cref="DiskException">The disk is full or failing.</exception>
    public void Write(long index, MemberSet members)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(FileEnvelope.Before), index);
        Envelope.Close(header);
        files.Replace(
            path,
            stream =>
            {
                stream.Write(header);
                stream.Write(members.Bytes);
            }
        );
    }
}
