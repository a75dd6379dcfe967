// GET /v1/cluster: this node's view of the cluster, with the digests by which replicas are compared.
using System.Globalization;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;

namespace RaftLocks.Node.Http;

internal sealed class ClusterPage(RaftNode node, SessionRegistry registry, Alarms alarms)
{
    public Task HandleAsync(HttpContext context)
    {
        var status = node.Status;
        var (level, live, namespaces, marks, ledger) = node.Read(state => (
            state.FeatureLevel, state.LiveCount, state.NamespaceCount, state.DigestMarks, new LedgerView(state.AppliedIndex, state.LedgerHead.Position, state.LedgerHead.ToString())));
        var view = new ClusterView(
            status.Name,
            ProductVersion.Text,
            status.Role,
            status.Term,
            status.Leader,
            [.. node.Members.Select(member => new MemberView(member.Name, member.RaftAddress, Origin(member.ClientUrl), Origin(member.InternalUrl)))],
            status.CommitIndex,
            status.AppliedIndex,
            status.LastIndex,
            [.. marks.Select(mark => new DigestView(mark.Index, mark.Digest.ToString("x32", CultureInfo.InvariantCulture), mark.Ledger.ToString()))],
            ledger,
            level,
            live,
            namespaces,
            registry.Connections,
            alarms.Journal,
            alarms.Replicas,
            alarms.Raised);
        return Answer.JsonAsync(context, StatusCodes.Status200OK, view, JsonShapes.Default.ClusterView);
    }

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
