// The library's requests, as anybody can write them who speaks the protocol.
using System.Buffers.Binary;
using System.Net;
using System.Text;
using DotNext.Net.Cluster;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.Node.Tests.Raft;

internal static class RaftMessages
{
    /// <summary>A member that nobody knows.</summary>
    public static readonly IPEndPoint Nobody = new(IPAddress.Parse("10.9.9.9"), 1);

    public static byte[] Vote(EndPoint sender, long term, long lastIndex, long lastTerm, bool isPreVote = false) =>
        [
            isPreVote ? RequestFormat.PreVote : RequestFormat.Vote,
            .. Id(sender),
            .. Longs(term, lastIndex, lastTerm),
            .. Int(0),
        ];

    public static byte[] Append(
        EndPoint sender,
        long term,
        long indexBefore = 0,
        long termBefore = 0,
        long commit = 0,
        int count = 0
    ) =>
        [
            RequestFormat.AppendEntries,
            .. Id(sender),
            .. Longs(term, indexBefore, termBefore, commit),
            .. Int(count),
            .. Int(0),
        ];

    public static byte[] Entry(long term, ReadOnlySpan<byte> content, byte flags = 0) =>
        [.. Head(term, flags, content.Length), .. Frame(content)];

    public static byte[] Head(long term, byte flags, long length) =>
        [.. Longs(term), flags, .. Int(0), .. Longs(length)];

    public static byte[] Frame(ReadOnlySpan<byte> content, bool isLast = true) =>
        [.. Int(isLast ? content.Length | int.MinValue : content.Length), .. content];

    public static byte[] Install(
        EndPoint sender,
        long term,
        long index,
        long membersVersion,
        ReadOnlySpan<byte> members,
        ReadOnlySpan<byte> snapshot
    ) =>
        [
            RequestFormat.InstallSnapshot,
            .. Id(sender),
            .. Longs(term, index),
            .. Head(term, flags: 2, snapshot.Length),
            .. Longs(membersVersion),
            .. Int(0),
            .. Frame(members),
            .. Frame(snapshot),
        ];

    public static byte[] Synchronize(long commit) => [RequestFormat.Synchronize, .. Longs(commit)];

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Id(EndPoint sender)
    {
        var bytes = new byte[ClusterMemberId.Size];
        ClusterMemberId.FromEndPoint(sender).Format(bytes);
        return bytes;
    }

    private static byte[] Longs(params ReadOnlySpan<long> numbers)
    {
        var bytes = new byte[8 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), numbers[i]);
        }

        return bytes;
    }

    private static byte[] Int(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }
}
