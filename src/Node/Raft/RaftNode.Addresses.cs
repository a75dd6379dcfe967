// A member may come back with other addresses for clients and for nodes that forward them: each node tells its own to
// whoever asks it on the Raft port, and the leader has them replicated. The Raft address does not follow: the others
// would have to know it before they could ask.
using DotNext.Net.Cluster;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Raft;

/// <content>Addresses.</content>
public sealed partial class RaftNode
{
    private const string NameKey = "name";
    private const string IncarnationKey = "incarnation";
    private const string ClientUrlKey = "client-url";
    private const string InternalUrlKey = "internal-url";

    /// <summary>The addresses to which the others still send clients, if they are not those of this node's
    /// settings.</summary>
    public Member? KnownElsewhere =>
        Members.FirstOrDefault(IsSelf) is { } known
        && (known.ClientUrl != options.Self.ClientUrl || known.InternalUrl != options.Self.InternalUrl)
            ? known
            : null;

    /// <summary>Asks a member for the addresses that it was started with; only the leader can.</summary>
    /// <returns>The member as it describes itself; null if it does not answer, is too old to tell, or is not the member
    /// that the list names.</returns>
    public async Task<Member?> AskForAddressesAsync(Member member, CancellationToken token)
    {
        if (IsSelf(member))
        {
            return member with { ClientUrl = options.Self.ClientUrl, InternalUrl = options.Self.InternalUrl };
        }

        var peer = cluster.Members.FirstOrDefault(known => known.EndPoint.Equals(member.RaftEndPoint));
        try
        {
            return peer is null or { Status: ClusterMemberStatus.Unavailable }
                ? null
                : Describe(member, await peer.GetMetadataAsync(refresh: true, token));
        }
        catch (Exception e) when (IReplication.IsLost(e) || e is IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Replicates a member's new addresses for clients and other nodes; returns when the others have agreed. Only a
    /// leader can.
    /// </summary>
    /// <exception cref="InvalidOperationException">This node does not lead, another change is on its way, or there is
    /// no such member.</exception>
    public Task<bool> UpdateMemberAsync(Member changed, CancellationToken token) =>
        ChangeAsync(async () =>
        {
            var leadership = Current ?? throw new TooEarlyException("this node does not lead.");
            Member[] members = [.. Members.Select(member => IsSame(member, changed) ? changed : member)];
            if (!members.Contains(changed))
            {
                throw new TooEarlyException($"there is no member '{changed.Name}' with this data any more.");
            }

            await cluster.ReplicateAsync(
                new RaftEntry(MemberCodec.Encode(members), leadership.Term, null, isConfiguration: true),
                token
            );
            return true;
        });

    private static bool IsSame(Member one, Member other) =>
        one.Name == other.Name && one.Incarnation == other.Incarnation && one.RaftAddress == other.RaftAddress;

    private static Member? Describe(Member member, IReadOnlyDictionary<string, string> told) =>
        told.GetValueOrDefault(NameKey) == member.Name
        && told.GetValueOrDefault(IncarnationKey) == member.Incarnation
        && Uri.TryCreate(told.GetValueOrDefault(ClientUrlKey), UriKind.Absolute, out var clientUrl)
        && Uri.TryCreate(told.GetValueOrDefault(InternalUrlKey), UriKind.Absolute, out var internalUrl)
            ? member with
            {
                ClientUrl = clientUrl,
                InternalUrl = internalUrl,
            }
            : null;

    private void AnnounceAddresses(IDictionary<string, string> told)
    {
        told[NameKey] = options.Name;
        told[IncarnationKey] = folder.Incarnation;
        told[ClientUrlKey] = options.Self.ClientUrl.AbsoluteUri;
        told[InternalUrlKey] = options.Self.InternalUrl.AbsoluteUri;
    }

    /// <summary>
    /// A node that is alone may change all its addresses by a restart. With other members its Raft address must stay.
    /// </summary>
    /// <exception cref="WrongDataDirectoryException">The others look for this node elsewhere.</exception>
    private void CheckOwnAddress()
    {
        if (membership.Members.FirstOrDefault(IsSelf) is not { } known)
        {
            return;
        }

        if (membership.Members.Count == 1 && membership.Index == membership.AppliedIndex)
        {
            membership.Readdress(options.Self with { Incarnation = folder.Incarnation });
        }
        else if (known.RaftAddress != options.Self.RaftAddress)
        {
            throw new WrongDataDirectoryException(
                $"The other members look for '{options.Name}' at the Raft address {known.RaftAddress}, and it was "
                    + $"told to be at {options.Self.RaftAddress} (--member)."
                    + $" Start it with {known.RaftAddress}: a name may resolve to another address than before. Or "
                    + "move it:"
                    + $" remove it on one of the others (raftlocks member remove {options.Name}), then start it at its"
                    + " new address with an empty data folder and --join, and add it."
            );
        }
    }
}
