// This node's promises: the term that it is in, and whom it voted for in it. On disk before anybody hears of them, and checksummed: a node that
// forgot its vote could vote twice in a term, and two leaders of one term end all safety.
//
//   magic "RLVT" | version 4 | term 8 | voted 1 | member id 28 | CRC-32 4
using System.Buffers.Binary;
using System.IO.Hashing;
using DotNext.Net.Cluster;

namespace RaftLocks.Node.Raft;

internal sealed class VoteFile
{
    private const uint Magic = 0x54564C52;
    private const int Version = 2;
    private const int MemberIdBytes = 28;
    private const int Size = 4 + 4 + 8 + 1 + MemberIdBytes + 4;

    private readonly string path;
    private readonly Lock gate = new();
    private long term;
    private ClusterMemberId? vote;

    private VoteFile(string path) => this.path = path;

    /// <summary>The term as last written.</summary>
    public long Term => Volatile.Read(ref term);

    /// <summary>Reads it, if it is there.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="expected">Whether the node has run before, so that it must be there.</param>
    /// <exception cref="DamagedDataException">It is missing or damaged.</exception>
    /// <exception cref="WrongDataDirectoryException">A newer version wrote it.</exception>
    public static VoteFile Open(string path, bool expected)
    {
        var file = new VoteFile(path);
        if (File.Exists(path))
        {
            file.Parse(File.ReadAllBytes(path));
        }
        else if (expected)
        {
            throw new DamagedDataException($"The file of this node's vote, {path}, is missing.");
        }

        return file;
    }

    /// <summary>Whether this node may vote for a member: it voted for it, or for nobody yet.</summary>
    public bool MayVoteFor(in ClusterMemberId member)
    {
        lock (gate)
        {
            return vote is not { } known || known == member;
        }
    }

    /// <summary>Makes a promise. It is on disk when this returns, and known to nobody before.</summary>
    /// <exception cref="DiskException">The disk is full or failing: what is on it is unknown from then on.</exception>
    public void Write(long newTerm, ClusterMemberId? newVote)
    {
        lock (gate)
        {
            var bytes = new byte[Size];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Version);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), newTerm);
            bytes[16] = newVote is null ? (byte)0 : (byte)1;
            newVote?.Format(bytes.AsSpan(17, MemberIdBytes));
            Crc32.Hash(bytes.AsSpan(0, Size - 4), bytes.AsSpan(Size - 4));
            DurableFile.Replace(path, stream => stream.Write(bytes));
            vote = newVote;
            Volatile.Write(ref term, newTerm);
        }
    }

    /// <summary>Enters a term.</summary>
    /// <param name="newTerm">The term.</param>
    /// <param name="forget">Whether the vote was for an earlier one.</param>
    public void WriteTerm(long newTerm, bool forget)
    {
        lock (gate)
        {
            Write(newTerm, forget ? null : vote);
        }
    }

    private void Parse(byte[] bytes)
    {
        if (bytes.Length != Size
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || Crc32.HashToUInt32(bytes.AsSpan(0, Size - 4)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(Size - 4)))
        {
            throw new DamagedDataException($"The file of this node's vote, {path}, is damaged.");
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)) != Version)
        {
            throw new WrongDataDirectoryException($"{path} was written by another version of RaftLocks. Start that version.");
        }

        term = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8));
        vote = bytes[16] == 0 ? null : new ClusterMemberId(bytes.AsSpan(17, MemberIdBytes));
    }
}
