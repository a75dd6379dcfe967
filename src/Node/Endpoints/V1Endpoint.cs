// GET /v1: from the handshake to a session, on the node that leads. The others send clients to it before they come here
// (LeaderRedirect).
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Endpoints;

/// <summary>The WebSocket endpoint of protocol v1.</summary>
/// <param name="settings">Limits and defaults.</param>
/// <param name="registry">The sessions, while this node leads.</param>
/// <param name="rules">What all connections have in common.</param>
/// <param name="route">What a client is told while nobody leads.</param>
/// <param name="heartbeats">Looks after the connections.</param>
/// <param name="budget">How many connections there may be.</param>
/// <param name="authenticator">Knows who is who.</param>
/// <param name="time">The clock.</param>
internal sealed class V1Endpoint(
    LiveSettings settings,
    SessionRegistry registry,
    ConnectionRules rules,
    LeaderRoute route,
    Heartbeats heartbeats,
    ConnectionBudget budget,
    Authenticator authenticator,
    TimeProvider time
)
{
    private readonly TcpLiveness tcp = new(settings.Current);

    /// <summary>Answers a handshake.</summary>
    public Task HandleAsync(HttpContext context)
    {
        if (ConnectQuery.Parse(context.Request.QueryString.Value, rules.MessageLimits, out var query) is { } error)
        {
            return Responses.TextAsync(context, StatusCodes.Status400BadRequest, error);
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            return Responses.TextAsync(
                context,
                StatusCodes.Status426UpgradeRequired,
                "This address speaks WebSocket: connect with ws:// or wss:// instead."
            );
        }

        if (registry.Current is not { } sessions)
        {
            return route.RefuseAsync(context);
        }

        if (!authenticator.Of(context).MayLockIn(query!.Namespace.Span))
        {
            return Responses.TextAsync(
                context,
                StatusCodes.Status403Forbidden,
                "This namespace may not be locked in: a policy must allow it (raftlocks auth policy create)."
            );
        }

        return registry.TryEnter(budget.MaxSessions)
            ? ServeAsync(context, sessions, query!)
            : budget.RefuseAsync(context);
    }

    private async Task ServeAsync(HttpContext context, LeaderSessions sessions, ConnectQuery query)
    {
        var use = sessions.Namespaces.Connect(query.Namespace);
        var caller = authenticator.Of(context);
        var peer = authenticator.IsOn ? AuditLog.Peer(context) : null;
        try
        {
            var (socket, stream) = await Handshake.AcceptAsync(context, tcp, time);
            using (socket)
            {
                heartbeats.Add(socket, query.Extended);
                try
                {
                    var silentMs = () => heartbeats.SilentMs(socket);
                    var traceParent = context.Request.Headers.TraceParent;
                    await new Connection(socket, stream, rules, traceParent, silentMs, caller, peer).RunAsync(
                        sessions,
                        use,
                        query.AbandonTimeoutMs ?? settings.Current.DefaultAbandonTimeoutMs,
                        SessionTraits.Of(
                            query.Namespace,
                            query.Token,
                            query.Label,
                            query.Extended,
                            query.Progress,
                            caller.Principal
                        )
                    );
                }
                finally
                {
                    heartbeats.Remove(socket);
                }
            }
        }
        finally
        {
            sessions.Namespaces.Disconnect(use);
            registry.Leave();
        }
    }
}
