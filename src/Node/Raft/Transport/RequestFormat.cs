// The requests of the library (DotNext.Net.Cluster 6.12) on the wire, as far as they are looked at. All integers are
// little-endian.
//
//   request          kind 1 | the kind's own header | what follows it
//   vote, pre-vote   sender 28 | term 8 | last index 8 | last term 8 | version 4
//   entries          sender 28 | term 8 | index before 8 | term before 8 | commit index 8 | count 4 | version 4
//                    then each entry: term 8 | flags 1 | command 4 | length 8 | frames
//   snapshot         sender 28 | term 8 | index 8 | the snapshot's term 8 | flags 1 | command 4 | length 8
//                    | version of the members 8 | version 4
//                    then the members in frames, then the snapshot in frames
//   synchronize      commit index 8
//   metadata         nothing
// A frame is its length in bytes (31 bits; the highest bit is set in the last frame) and as many bytes.
using System.Buffers.Binary;
using DotNext.Net.Cluster;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>The sizes and positions of the library's requests.</summary>
internal static class RequestFormat
{
    public const byte Vote = 1;
    public const byte AppendEntries = 4;
    public const byte InstallSnapshot = 5;
    public const byte Metadata = 6;
    public const byte PreVote = 7;
    public const byte Synchronize = 9;

    /// <summary>Bytes of the head of an entry.</summary>
    public const int EntryHeadBytes = 8 + 1 + 4 + 8;

    /// <summary>Bytes of the head of a frame.</summary>
    public const int FrameHeadBytes = 4;

    /// <summary>Bytes of the answer to a request with a term: the term comes first.</summary>
    public const int TermBytes = 8;

    /// <summary>Bytes of the longest answer, but that to <see cref="Metadata"/>.</summary>
    public const int MaxAnswerBytes = 17;

    private const int SenderBytes = 28;
    private const byte HasCommand = 1;
    private const byte IsSnapshot = 2;
    private const byte IsConfiguration = 4;

    /// <summary>Bytes from the kind to the end of its header; 0 if no member sends this kind.</summary>
    public static int HeadBytes(byte kind) =>
        kind switch
        {
            Vote or PreVote => 1 + SenderBytes + 8 + 8 + 8 + 4,
            AppendEntries => 1 + SenderBytes + 8 + 8 + 8 + 8 + 4 + 4,
            InstallSnapshot => 1 + SenderBytes + 8 + 8 + EntryHeadBytes + 8 + 4,
            Metadata => 1,
            Synchronize => 1 + 8,
            _ => 0,
        };

    /// <summary>Whether the header names the sender and its term, and the answer a term.</summary>
    public static bool HasSender(byte kind) => kind is Vote or PreVote or AppendEntries or InstallSnapshot;

    /// <summary>The sender of a request that names one.</summary>
    public static ClusterMemberId SenderOf(ReadOnlySpan<byte> request) => new(request.Slice(1, SenderBytes));

    /// <summary>The term of a request that names one.</summary>
    public static long TermOf(ReadOnlySpan<byte> request) => Long(request, 0);

    /// <summary>The number behind the term: the last index, the index before, or that of the snapshot.</summary>
    public static long IndexOf(ReadOnlySpan<byte> request) => Long(request, 1);

    /// <summary>The term of the candidate's last entry, or of the entry before.</summary>
    public static long LastTermOf(ReadOnlySpan<byte> request) => Long(request, 2);

    /// <summary>The commit index of <see cref="AppendEntries"/>.</summary>
    public static long CommitIndexOf(ReadOnlySpan<byte> request) => Long(request, 3);

    /// <summary>The number of entries of <see cref="AppendEntries"/>.</summary>
    public static int CountOf(ReadOnlySpan<byte> request) =>
        BinaryPrimitives.ReadInt32LittleEndian(request[(1 + SenderBytes + (4 * 8))..]);

    /// <summary>The head of the snapshot of <see cref="InstallSnapshot"/>.</summary>
    public static EntryHead SnapshotOf(ReadOnlySpan<byte> request) =>
        EntryHead.Read(request[(1 + SenderBytes + (2 * 8))..]);

    /// <summary>The version of the members of <see cref="InstallSnapshot"/>.</summary>
    public static long MembersVersionOf(ReadOnlySpan<byte> request) =>
        BinaryPrimitives.ReadInt64LittleEndian(request[(1 + SenderBytes + (2 * 8) + EntryHeadBytes)..]);

    private static long Long(ReadOnlySpan<byte> request, int number) =>
        BinaryPrimitives.ReadInt64LittleEndian(request[(1 + SenderBytes + (8 * number))..]);

    /// <summary>The head of an entry, or of a snapshot.</summary>
    /// <param name="Term">Its term.</param>
    /// <param name="Flags">What it is.</param>
    /// <param name="Length">Bytes of its content; -1 if that is not said.</param>
    internal readonly record struct EntryHead(long Term, byte Flags, long Length)
    {
        /// <summary>Whether it is a snapshot.</summary>
        public bool IsSnapshot => (Flags & RequestFormat.IsSnapshot) != 0;

        /// <summary>Whether it is a list of members.</summary>
        public bool IsConfiguration => (Flags & RequestFormat.IsConfiguration) != 0;

        /// <summary>Whether it has a flag that no build sets.</summary>
        public bool HasUnknownFlag =>
            (Flags & ~(HasCommand | RequestFormat.IsSnapshot | RequestFormat.IsConfiguration)) != 0;

        /// <summary>Reads it.</summary>
        public static EntryHead Read(ReadOnlySpan<byte> bytes) =>
            new(
                BinaryPrimitives.ReadInt64LittleEndian(bytes),
                bytes[8],
                BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 + 1 + 4)..])
            );
    }
}
