// GET /stats_v1?namespace=N: a namespace in figures. Only the leader knows who is connected, so others send the client
// there; and only one that still leads after it has looked.
using System.Globalization;
using System.Text;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Http;
using RaftLocks.Node.Queries;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Endpoints;

internal sealed class StatsEndpoint(
    RaftNode node,
    ConnectionRules rules,
    LinearizableReadGate leader,
    Authenticator authenticator
)
{
    public Task HandleAsync(HttpContext context)
    {
        var raw = context.Request.QueryString.Value;
        return ConnectQuery.ParseNamespace(raw, rules.MessageLimits, out var name) is { } error
            ? Responses.TextAsync(context, StatusCodes.Status400BadRequest, error)
            : leader.HandleAsync(
                context,
                sessions => authenticator.Of(context).MayObserveIn(name) ? Look(sessions, name) : null,
                view => TellAsync(context, view)
            );
    }

    private StatsResponse? Look(LeaderSessions sessions, byte[] name)
    {
        var (exists, lastId, live, acquired) = node.Read(state =>
            state.TryGetNamespace(name, out var found)
                ? (true, found.LastId, found.LiveCount, found.AcquiredCount)
                : default
        );
        var use = sessions.Namespaces.Find(name);
        return exists || use is not null
            ? new StatsResponse(
                Encoding.UTF8.GetString(name),
                lastId.ToString(CultureInfo.InvariantCulture),
                live,
                acquired,
                live - acquired,
                use?.Connections ?? 0,
                lastId,
                live - acquired,
                acquired
            )
            : null;
    }

    private static Task TellAsync(HttpContext context, StatsResponse? view) =>
        view is null
            ? Responses.TextAsync(
                context,
                StatusCodes.Status404NotFound,
                "Nobody has connected to this namespace or locked in it yet."
            )
            : Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.StatsResponse);
}
