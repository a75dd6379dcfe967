// GET /: who this node is and where to look, for a person with a browser.
using System.Net;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Endpoints;

internal sealed class HomeEndpoint(NodeSettings settings, RaftNode node)
{
    public Task HandleAsync(HttpContext context)
    {
        var status = node.Status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(
            $"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>RaftLocks {Encoded(settings.Name)}</title>
            <h1>RaftLocks {Encoded(ProductVersion.Text)}</h1>
            <p>Node <b>{Encoded(settings.Name)}</b>, {Encoded(status.Role)} in term {status.Term}; leader: {Encoded(
                status.Leader ?? "none known"
            )}.
            <p>Clients connect by WebSocket to <code>/v1?namespace=NAMESPACE</code>.
            <p><a href="/dashboard/">Dashboard</a>: the cluster, who holds which lock, who waits, and a playground.
            <ul>
            <li><a href="/v1/cluster">/v1/cluster</a>: the cluster as this node sees it
            <li>/stats_v1?namespace=NAMESPACE: a namespace in figures
            <li><a href="/health/ready">/health/ready</a>, <a href="/health/live">/health/live</a>: probes
            </ul>

            """
        );
    }

    private static string Encoded(string text) => WebUtility.HtmlEncode(text);
}
