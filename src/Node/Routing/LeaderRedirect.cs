// The handshake of a client on a node that does not serve. The Raft library's middleware (DotNext.AspNetCore.Cluster)
// decides what becomes of it: no leader, another node, or on to this node's own endpoint. By itself it would send
// clients to the leader's Raft port, answer a bare 503, and take every address beneath /v1. So it is asked for
// handshakes only, and where the leader is reached and what a refusal says is this node's own.
using DotNext.Net.Cluster.Consensus.Raft.Http;
using Microsoft.AspNetCore.Http.Extensions;
using RaftLocks.Node.Http;
using RaftLocks.Node.Sessions;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Routing;

/// <summary>Sends clients that want a session to the leader.</summary>
/// <param name="route">The way to the leader.</param>
/// <param name="registry">The sessions, while this node leads.</param>
/// <param name="budget">How many connections may be forwarded.</param>
/// <param name="limits">The limits of a handshake's query.</param>
internal sealed class LeaderRedirect(
    LeaderRoute route,
    SessionRegistry registry,
    ConnectionBudget budget,
    MessageLimits limits
)
{
    /// <summary>The path of protocol v1.</summary>
    public const string Path = "/v1";

    /// <summary>
    /// Puts itself into a pipeline. It must stand behind the corked upgrade and the WebSocket middleware: a forwarded
    /// client's replies come through both.
    /// </summary>
    public void Use(IApplicationBuilder web) =>
        web.UseWhen(
            IsForLeader,
            handshakes =>
            {
                handshakes.Use(AnswerAsync);

                // Of the leader's address the library knows only the Raft port; the route knows the one for clients.
                handshakes.RedirectToLeader(Path, redirection: (response, _) => route.SendAsync(response.HttpContext));
            }
        );

    // Whatever is no proper handshake is answered here as it is by the leader.
    private bool IsForLeader(HttpContext context) =>
        registry.Current is null
        && string.Equals(context.Request.Path.Value, Path, StringComparison.Ordinal)
        && context.WebSockets.IsWebSocketRequest
        && ConnectQuery.Parse(context.Request.QueryString.Value, limits, out _) is null;

    private async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        if (!HasAddress(context.Request))
        {
            await Responses.TextAsync(
                context,
                StatusCodes.Status400BadRequest,
                "The request's Host is none: send the header, as in Host: 127.0.0.1:9009."
            );
            return;
        }

        if (!budget.TryForward())
        {
            await budget.RefuseAsync(context);
            return;
        }

        try
        {
            await next(context);
            if (context.Response is { StatusCode: StatusCodes.Status503ServiceUnavailable, HasStarted: false })
            {
                await route.RefuseAsync(context);
            }
        }
        finally
        {
            budget.EndForward();
        }
    }

    // The library makes an address of what the request calls its host, and throws where it can't.
    private static bool HasAddress(HttpRequest request) =>
        Uri.TryCreate(request.GetEncodedUrl(), UriKind.Absolute, out _);
}
