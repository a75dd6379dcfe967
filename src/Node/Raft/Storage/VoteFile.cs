// This node's promises: the term that it is in, and whom it voted for in it. On disk before anybody hears of them, and checksummed: a node that
// forgot its vote could vote twice in a term, and two leaders of one term end all safety.
//
//   magic "RLVT" | version 4 | term 8 | voted 1 | member id 28 | CRC-32 4
using System.Buffers.Binary;
using DotNext.Net.Cluster;

namespace RaftLocks.Node.Raft;

internal sealed class VoteFile
{
    private const int TermBytes = 8;
    private const int MemberIdBytes = 28;
    private const int PromiseBytes = TermBytes + 1 + MemberIdBytes;
    private static readonly Seal Seal = new(Magic: 0x54564C52, Version: 2);

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
            var bytes = new byte[Seal.Before + PromiseBytes + Seal.After];
            var promise = bytes.AsSpan(Seal.Before, PromiseBytes);
            BinaryPrimitives.WriteInt64LittleEndian(promise, newTerm);
            promise[TermBytes] = newVote is null ? (byte)0 : (byte)1;
            newVote?.Format(promise[(TermBytes + 1)..]);
            Seal.Close(bytes);
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
        var promise = Seal.Open(bytes, PromiseBytes, $"The file of this node's vote, {path},");
        term = BinaryPrimitives.ReadInt64LittleEndian(promise);
        vote = promise[TermBytes] == 0 ? null : new ClusterMemberId(promise[(TermBytes + 1)..]);
    }
}
