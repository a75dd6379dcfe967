// Raft's hard state: the term that this node is in, and whom it voted for in it. A node that forgot its vote could vote
// twice in a term, and two leaders of one term end all safety. So a vote is on disk before it is sent to anybody.
//
//   magic "RLVT" | version 4 | term 8 | voted 1 | member id 28 | CRC-32 4
//
// A vote costs one write to the disk, as an election waits for it:
//
// - A term that the node only heard of is not written at once. It is written with the vote, or before this node
//   acknowledges anything to the leader of that term. Nothing that a node refuses needs its term on disk: a node that
//   forgets the term with its memory is where it was before it heard of it.
// - The file is overwritten in place, through the page cache. It is in one sector of the disk, and a disk writes a
//   sector whole or not at all. If one ever did not, the checksum tells, and the node says that its vote is lost.
using System.Buffers.Binary;
using DotNext.Net.Cluster;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Storage;

internal sealed class HardStateFile
{
    private const int TermBytes = 8;
    private const int MemberIdBytes = 28;
    private const int HardStateBytes = TermBytes + 1 + MemberIdBytes;
    private static readonly FileEnvelope Envelope = new(Magic: 0x54564C52, Version: 2);

    private readonly IFileSystem files;
    private readonly string path;
    private readonly Lock gate = new();
    private long term;
    private ClusterMemberId? vote;
    private bool isThere;
    private bool isWritten;

    private HardStateFile(IFileSystem files, string path) => (this.files, this.path) = (files, path);

    /// <summary>
    /// The term that this node is in. It is not on disk before <see cref="Flush"/>, if it was only heard of.
    /// </summary>
    public long Term => Volatile.Read(ref term);

    /// <summary>Reads it, if it is there.</summary>
    /// <param name="files">Its disk.</param>
    /// <param name="path">Its name.</param>
    /// <param name="expected">Whether the node has run before, so that it must be there.</param>
    /// <exception cref="DamagedDataException">It is missing or damaged.</exception>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public static HardStateFile Open(IFileSystem files, string path, bool expected)
    {
        var file = new HardStateFile(files, path);
        if (files.FileExists(path))
        {
            file.Parse(files.ReadAllBytes(path));
        }
        else if (expected)
        {
            throw new DamagedDataException($"The file of this node's vote, {path}, is missing.");
        }

        return file;
    }

    /// <summary>Refuses a file that a newer version wrote; says nothing of other files.</summary>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public static void CheckVersion(IFileSystem files, string path) =>
        Envelope.CheckVersion(files.ReadAllBytes(path), $"The file of this node's vote, {path},");

    /// <summary>Whether this node may vote for a member: it voted for it, or for nobody yet.</summary>
    public bool MayVoteFor(in ClusterMemberId member)
    {
        lock (gate)
        {
            return vote is not { } known || known == member;
        }
    }

    /// <summary>Enters a term that this node has heard of. It is not on disk yet.</summary>
    /// <param name="newTerm">The term.</param>
    /// <param name="forget">Whether the vote was for an earlier one.</param>
    public void Enter(long newTerm, bool forget)
    {
        lock (gate)
        {
            isWritten = false;
            vote = forget ? null : vote;
            Volatile.Write(ref term, newTerm);
        }
    }

    /// <summary>Enters a term and votes in it, or for nobody yet. Both are on disk when this returns.</summary>
    /// <exception cref="DiskException">The disk is full or failing: what is on it is unknown from then on.</exception>
    public void Write(long newTerm, ClusterMemberId? newVote)
    {
        lock (gate)
        {
            var bytes = Format(newTerm, newVote);
            if (isThere)
            {
                files.Overwrite(path, bytes);
            }
            else
            {
                files.Replace(path, stream => stream.Write(bytes));
                isThere = true;
            }

            vote = newVote;
            Volatile.Write(ref term, newTerm);
            isWritten = true;
        }
    }

    /// <summary>Puts on disk what is not there yet: a term that the node has only heard of.</summary>
    /// <exception cref="DiskException">The disk is full or failing: what is on it is unknown from then on.</exception>
    public void Flush()
    {
        lock (gate)
        {
            if (!isWritten)
            {
                Write(term, vote);
            }
        }
    }

    private static byte[] Format(long term, ClusterMemberId? vote)
    {
        var bytes = new byte[FileEnvelope.Before + HardStateBytes + FileEnvelope.After];
        var record = bytes.AsSpan(FileEnvelope.Before, HardStateBytes);
        BinaryPrimitives.WriteInt64LittleEndian(record, term);
        record[TermBytes] = vote is null ? (byte)0 : (byte)1;
        vote?.Format(record[(TermBytes + 1)..]);
        Envelope.Close(bytes);
        return bytes;
    }

    private void Parse(byte[] bytes)
    {
        isThere = true;
        var record = Envelope.Open(bytes, HardStateBytes, $"The file of this node's vote, {path},");
        term = BinaryPrimitives.ReadInt64LittleEndian(record);
        vote = record[TermBytes] == 0 ? null : new ClusterMemberId(record[(TermBytes + 1)..]);
    }
}
