// What a node that does not lead does with a client: tells it where the leader is, or forwards it there; 503 while there is none.
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.Routing;

/// <summary>The way to the leader.</summary>
internal sealed class LeaderRoute(NodeSettings settings, RaftNode node, SessionRegistry registry, LeaderProxy proxy)
{
    /// <summary>Sends the client to the leader.</summary>
    public Task SendAsync(HttpContext context)
    {
        if (registry.IsShuttingDown)
        {
            return Answer.TryAgainAsync(context, "This node shuts down: connect to another.");
        }

        if (node.Leader is not { } leader || leader.Name == settings.Name)
        {
            return Answer.TryAgainAsync(context, "There is no leader at the moment: try again soon.");
        }

        if (LeaderProxy.WasForwarded(context))
        {
            return Answer.TryAgainAsync(context, "The leader has changed: try again soon.");
        }

        return settings.FollowerMode == FollowerMode.Proxy ? proxy.ForwardAsync(context, leader) : RedirectAsync(context, leader);
    }

    private static Task RedirectAsync(HttpContext context, Member leader)
    {
        var request = context.Request;
        var secure = leader.ClientUrl.Scheme == Uri.UriSchemeHttps;
        var scheme = context.WebSockets.IsWebSocketRequest ? (secure ? "wss" : "ws") : leader.ClientUrl.Scheme;
        context.Response.Headers.Location = $"{scheme}://{leader.ClientUrl.Authority}{request.Path}{request.QueryString}";
        return Answer.TextAsync(context, StatusCodes.Status307TemporaryRedirect, $"The leader is {leader.Name}.");
    }
}
