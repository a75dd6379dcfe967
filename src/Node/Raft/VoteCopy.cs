// A checksummed copy of term and vote. The library's own file has no checksum, and a missing one silently means term zero: a node that
// forgot its vote could vote twice in a term. The copy is written after the library's file and before anything is answered, so at
// start the file may be ahead of the copy, never behind.
//
//   magic "RLVT" | version 4 | term 8 | voted 1 | member id 28 | CRC-32 4
using System.Buffers.Binary;
using System.IO.Hashing;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;

namespace RaftLocks.Node.Raft;

internal sealed class VoteCopy
{
    private const uint Magic = 0x54564C52;
    private const int Version = 1;
    public const int MemberIdBytes = 28;
    private const int Size = 4 + 4 + 8 + 1 + MemberIdBytes + 4;

    private readonly string path;
    private readonly Lock gate = new();
    private long term;
    private ClusterMemberId? vote;

    private VoteCopy(string path) => this.path = path;

    /// <summary>Reads the copy, if there is one.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="expected">Whether the node has run before, so that it must be there.</param>
    /// <exception cref="DamagedDataException">It is missing or damaged.</exception>
    public static VoteCopy Open(string path, bool expected)
    {
        var copy = new VoteCopy(path);
        if (File.Exists(path))
        {
            copy.Parse(File.ReadAllBytes(path));
        }
        else if (expected)
        {
            throw new DamagedDataException($"The copy of this node's vote, {path}, is missing.");
        }

        return copy;
    }

    /// <summary>Compares it with what the log says.</summary>
    /// <exception cref="DamagedDataException">The log has forgotten a term or a vote.</exception>
    public void Check(IPersistentState log)
    {
        if (log.Term < term)
        {
            throw new DamagedDataException($"This node's vote file says term {log.Term}, but it has been in term {term}.");
        }

        Span<byte> nobodysId = stackalloc byte[MemberIdBytes];
        nobodysId.Fill(0x5A);
        var nobody = new ClusterMemberId(nobodysId);
        if (log.Term == term && vote is { } member && (!log.IsVotedFor(member) || log.IsVotedFor(nobody)))
        {
            throw new DamagedDataException($"This node's vote file has lost the vote of term {term}.");
        }
    }

    public void Write(long newTerm, ClusterMemberId member)
    {
        lock (gate)
        {
            (term, vote) = (newTerm, member);
            Save();
        }
    }

    public void WriteTerm(long newTerm, bool resetVote)
    {
        lock (gate)
        {
            term = newTerm;
            vote = resetVote ? null : vote;
            Save();
        }
    }

    /// <summary>Writes it as it stands, so that from now on it is expected.</summary>
    public void Create()
    {
        lock (gate)
        {
            Save();
        }
    }

    private void Save()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), term);
        bytes[16] = vote is null ? (byte)0 : (byte)1;
        vote?.Format(bytes.AsSpan(17, MemberIdBytes));
        Crc32.Hash(bytes.AsSpan(0, Size - 4), bytes.AsSpan(Size - 4));
        DurableFile.Replace(path, stream => stream.Write(bytes));
    }

    private void Parse(byte[] bytes)
    {
        Span<byte> crc = stackalloc byte[4];
        if (bytes.Length == Size)
        {
            Crc32.Hash(bytes.AsSpan(0, Size - 4), crc);
        }

        if (bytes.Length != Size
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || !crc.SequenceEqual(bytes.AsSpan(Size - 4)))
        {
            throw new DamagedDataException($"The copy of this node's vote, {path}, is damaged.");
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)) != Version)
        {
            throw new WrongDataDirectoryException($"{path} was written by a newer version of RaftLocks. Start that version.");
        }

        term = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8));
        vote = bytes[16] == 0 ? null : new ClusterMemberId(bytes.AsSpan(17, MemberIdBytes));
    }
}
