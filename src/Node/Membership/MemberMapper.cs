// Members as nodes tell each other of them, and as the replication knows them.
using RaftLocks.Api;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Membership;

internal static class MemberMapper
{
    /// <summary>Tells of members.</summary>
    public static IReadOnlyList<NodeMember> All(IEnumerable<Member> members) =>
        [
            .. members.Select(member => new NodeMember(
                member.Name,
                member.RaftHost,
                member.RaftPort,
                member.ClientUrl.AbsoluteUri,
                member.InternalUrl.AbsoluteUri,
                member.Incarnation
            )),
        ];

    /// <summary>Converts the members.</summary>
    public static IReadOnlyList<Member> ToMembers(this IEnumerable<NodeMember> members) =>
        [
            .. members.Select(member => new Member(
                member.Name,
                member.RaftHost,
                member.RaftPort,
                new Uri(member.ClientUrl),
                new Uri(member.InternalUrl)
            )
            {
                Incarnation = member.Incarnation,
            }),
        ];
}
