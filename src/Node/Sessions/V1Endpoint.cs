// GET /v1: from the handshake to a session. A node that does not lead sends the client to the leader.
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using RaftLocks.Node.Http;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Settings;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions;

/// <summary>The WebSocket endpoint of protocol v1.</summary>
internal sealed class V1Endpoint(NodeSettings settings, SessionRegistry registry, ConnectionRules rules, LeaderRoute route)
{
    private readonly WebSocketAcceptContext accept = new()
    {
        KeepAliveInterval = TimeSpan.FromMilliseconds(settings.PingIntervalMs),

        // The server's timeout begins with a ping, and a ping may come a quarter of an interval late; ours begins with the silence.
        KeepAliveTimeout = TimeSpan.FromMilliseconds(
            Math.Max(settings.PingTimeoutMs - (1.25 * settings.PingIntervalMs), settings.PingIntervalMs / 4.0)),
    };

    /// <summary>Answers a handshake.</summary>
    public Task HandleAsync(HttpContext context)
    {
        var query = ConnectQuery.TryParse(context.Request.QueryString.Value, rules.MessageLimits, out var mistake);
        if (query is null)
        {
            return Answer.TextAsync(context, StatusCodes.Status400BadRequest, mistake!);
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            return Answer.TextAsync(context, StatusCodes.Status426UpgradeRequired, "This address speaks WebSocket: connect with ws:// or wss:// instead.");
        }

        if (registry.Current is not { } sessions)
        {
            return route.SendAsync(context);
        }

        return registry.TryEnter(settings.MaxConnections)
            ? ServeAsync(context, sessions, query)
            : Answer.TryAgainAsync(context, string.Create(CultureInfo.InvariantCulture, $"This node has {settings.MaxConnections} connections and takes no more (--max-connections)."));
    }

    private async Task ServeAsync(HttpContext context, LeaderSessions sessions, ConnectQuery query)
    {
        var use = sessions.Namespaces.Connect(query.Namespace);
        try
        {
            var upgrade = (CoalescingUpgrade)context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
            using var socket = await context.WebSockets.AcceptWebSocketAsync(accept);
            await new Connection(socket, upgrade.Stream!, rules, context.Request.Headers.TraceParent).RunAsync(
                sessions, use, query.AbandonTimeoutMs ?? settings.DefaultAbandonTimeoutMs, SessionTraits.Of(query.Namespace, query.Token, query.Label, query.Extended, query.Progress));
        }
        finally
        {
            sessions.Namespaces.Disconnect(use);
            registry.Leave();
        }
    }
}
