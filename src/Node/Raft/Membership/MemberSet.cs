// A set of members as the library handles it: by their Raft addresses, of which it asks to add one or remove one. What
// else is known of a member is kept beside its address.
using System.Net;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Raft.Membership;

internal sealed class MemberSet : IClusterConfiguration<EndPoint>
{
    private readonly Func<Member, bool> counts;
    private readonly Func<EndPoint, Member?> candidate;
    private readonly byte[] bytes;

    /// <summary>A set of members.</summary>
    /// <param name="members">All members.</param>
    /// <param name="counts">Whether the library may know a member.</param>
    /// <param name="candidate">The member that is about to be added, by address.</param>
    public MemberSet(IReadOnlyList<Member> members, Func<Member, bool> counts, Func<EndPoint, Member?> candidate)
    {
        All = members;
        this.counts = counts;
        this.candidate = candidate;
        Members = members.Where(counts).Select(member => member.RaftEndPoint).ToHashSet();
        bytes = MemberCodec.Encode(members);
    }

    public IReadOnlyList<Member> All { get; }

    public IReadOnlySet<EndPoint> Members { get; }

    public bool IsReusable => true;

    public long? Length => bytes.Length;

    public ReadOnlySpan<byte> Bytes => bytes;

    public IClusterConfiguration<EndPoint> Add(EndPoint address) =>
        Members.Contains(address) || candidate(address) is not { } added
            ? this
            : new MemberSet([.. All, added], counts, candidate);

    public IClusterConfiguration<EndPoint> Remove(EndPoint address) =>
        Members.Contains(address)
            ? new MemberSet([.. All.Where(member => !member.RaftEndPoint.Equals(address))], counts, candidate)
            : this;

    public bool TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = bytes;
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter => writer.WriteAsync(bytes, null, token);
}
