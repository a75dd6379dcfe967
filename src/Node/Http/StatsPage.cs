// GET /stats_v1?namespace=N: a namespace in figures. Only the leader knows who is connected, so others send the client there.
using System.Globalization;
using System.Text;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Http;

internal sealed class StatsPage(RaftNode node, SessionRegistry registry, ConnectionRules rules, LeaderRoute route)
{
    public Task HandleAsync(HttpContext context)
    {
        var name = ConnectQuery.TryNamespace(context.Request.QueryString.Value, rules.MessageLimits, out var mistake);
        if (name is null)
        {
            return Answer.TextAsync(context, StatusCodes.Status400BadRequest, mistake!);
        }

        if (registry.Current is not { } sessions)
        {
            return route.SendAsync(context);
        }

        var text = Encoding.UTF8.GetString(name);
        var (exists, lastId, live, acquired) = node.Read(state => state.TryGetNamespace(name, out var found)
            ? (true, found.LastId, found.LiveCount, found.AcquiredCount)
            : default);
        var use = sessions.Namespaces.Find(name);
        if (!exists && use is null)
        {
            return Answer.TextAsync(context, StatusCodes.Status404NotFound, "Nobody has connected to this namespace or locked in it yet.");
        }

        var view = new NamespaceView(text, lastId.ToString(CultureInfo.InvariantCulture), live, acquired, live - acquired, use?.Connections ?? 0);
        return Answer.JsonAsync(context, StatusCodes.Status200OK, view, JsonShapes.Default.NamespaceView);
    }
}
