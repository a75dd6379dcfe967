// GET /v1/node: who this node is, with which data, and whom it knows. Nodes ask each other before they found or join a
// cluster, and when they miss a leader.
using RaftLocks.Api;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Codec;

namespace RaftLocks.Node.Membership;

internal sealed class NodeEndpoint(RaftNode node)
{
    public Task HandleAsync(HttpContext context) =>
        Responses.JsonAsync(context, StatusCodes.Status200OK, View(), ApiJson.Default.NodeResponse);

    private NodeResponse View() =>
        new(
            node.Status.Name,
            node.Incarnation,
            node switch
            {
                { IsBootstrapped: false } => NodePhase.Founding,
                { IsMember: false } => NodePhase.Joining,
                _ => NodePhase.Member,
            },
            node.AppliedMembersIndex,
            Versions.SupportedFeatureLevel,
            MemberMapper.All(node.AppliedMembers)
        )
        {
            LogMembers = node.MembersIndex == node.AppliedMembersIndex ? null : MemberMapper.All(node.Members),
            Version = ProductVersion.Text,
            Commit = ProductVersion.Commit,
            SnapshotVersion = Versions.Snapshot,
            AddingMember = node.AddingMember?.Name,
        };
}
