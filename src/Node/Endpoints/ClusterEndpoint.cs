// GET /v1/cluster: this node's view of the cluster, with the digests by which replicas are compared.
using System.Globalization;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Metrics;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Endpoints;

internal sealed class ClusterEndpoint(RaftNode node, SessionRegistry registry, Alarms alarms)
{
    public Task HandleAsync(HttpContext context)
    {
        var status = node.Status;
        var (level, live, namespaces, points, ledger) = node.Read(state =>
            (
                state.FeatureLevel,
                state.LiveCount,
                state.NamespaceCount,
                state.DigestHistory,
                new LedgerInfo(state.AppliedIndex, state.LedgerHead.Position, state.LedgerHead.ToString())
            )
        );
        var view = new ClusterResponse(
            status.Name,
            ProductVersion.Text,
            status.Role,
            status.Term,
            status.Leader,
            [.. node.Members.Select(ToResponse)],
            status.CommitIndex,
            status.AppliedIndex,
            status.LastIndex,
            Views(points),
            ledger,
            level,
            live,
            namespaces,
            registry.Connections,
            Journal(alarms.Journal),
            [.. alarms.Replicas.Select(other => new ReplicaInfo(other.Name, other.ComparedIndex, other.DiffersAt))],
            alarms.Raised
        );
        if (context.Request.Query.ContainsKey(ApiPaths.RecentParameter))
        {
            view = view with { DigestVersion = MemberDigests.Version, RecentDigests = Views(node.RecentDigests) };
        }

        return Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.ClusterResponse);
    }

    private static IReadOnlyList<DigestInfo> Views(DigestPoint[] points) =>
        [
            .. points.Select(mark => new DigestInfo(
                mark.Index,
                mark.Digest.ToString("x32", CultureInfo.InvariantCulture),
                mark.Ledger.ToString()
            )),
        ];

    private static ClusterMember ToResponse(Member member) =>
        new(member.Name, member.RaftAddress, Origin(member.ClientUrl), Origin(member.InternalUrl));

    private static JournalInfo Journal(JournalStatus status) =>
        new(
            status.State,
            status.Reason,
            status.Position,
            status.Index,
            status.Bytes,
            status.Segments,
            status.QueuedBytes,
            status.LeftOut,
            status.Gaps
        );

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
