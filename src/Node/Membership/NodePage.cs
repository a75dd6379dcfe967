// GET /v1/node: who this node is, with which data, and whom it knows. Nodes ask each other before they found or join a cluster, and when
// they miss a leader.
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Membership;

internal sealed class NodePage(RaftNode node)
{
    public Task HandleAsync(HttpContext context) => Answer.JsonAsync(context, StatusCodes.Status200OK, View(), JsonShapes.Default.NodeView);

    private NodeView View() => new(
        node.Status.Name,
        node.Incarnation,
        node switch
        {
            { IsFounded: false } => NodePhase.Founding,
            { IsMember: false } => NodePhase.Joining,
            _ => NodePhase.Member,
        },
        node.MembersIndex,
        LockStateMachine.SupportedFeatureLevel,
        [.. node.Members.Select(member => new PeerView(
            member.Name,
            member.RaftHost,
            member.RaftPort,
            member.ClientUrl.AbsoluteUri,
            member.InternalUrl.AbsoluteUri,
            member.Incarnation))]);
}

/// <summary>GET /v1/node. A build that says nothing of feature levels supports the first.</summary>
internal sealed record NodeView(string Name, string Incarnation, string Phase, long MembersIndex, int SupportedFeatureLevel, IReadOnlyList<PeerView> Members);

/// <summary>A member as one node tells it to another.</summary>
internal sealed record PeerView(string Name, string RaftHost, int RaftPort, string ClientUrl, string InternalUrl, string Incarnation)
{
    /// <summary>The member.</summary>
    public Member ToMember() => new(Name, RaftHost, RaftPort, new Uri(ClientUrl), new Uri(InternalUrl)) { Incarnation = Incarnation };
}

/// <summary>Where a node stands.</summary>
internal static class NodePhase
{
    /// <summary>It was never in a cluster.</summary>
    public const string Founding = "founding";

    /// <summary>It waits to be added to one.</summary>
    public const string Joining = "joining";

    /// <summary>It belongs to one.</summary>
    public const string Member = "member";
}
