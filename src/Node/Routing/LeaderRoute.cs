// What a node that does not lead does with a client: tells it where the leader is, or forwards it there; 503 while
// there is none.
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;

namespace RaftLocks.Node.Routing;

/// <summary>The way to the leader.</summary>
internal sealed class LeaderRoute(NodeSettings settings, RaftNode node, SessionRegistry registry, LeaderProxy proxy)
{
    /// <summary>Sends the client to the leader.</summary>
    public Task SendAsync(HttpContext context)
    {
        if (registry.IsShuttingDown || node.Leader is not { } leader || leader.Name == settings.Name)
        {
            return RefuseAsync(context);
        }

        if (ForwardedRequests.Has(context))
        {
            return Responses.UnavailableAsync(context, "The leader has changed: try again soon.");
        }

        return settings.FollowerMode == FollowerMode.Proxy && proxy.CanForward(context, leader)
            ? proxy.ForwardAsync(context, leader)
            : RedirectAsync(context, leader);
    }

    /// <summary>Says that no other node can be named.</summary>
    public Task RefuseAsync(HttpContext context) =>
        Responses.UnavailableAsync(
            context,
            registry.IsShuttingDown
                ? "This node shuts down: connect to another."
                : "There is no leader at the moment: try again soon."
        );

    private static Task RedirectAsync(HttpContext context, Member leader)
    {
        var request = context.Request;
        var scheme = WantsWebSocketScheme(request)
            ? (leader.ClientUrl.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs)
            : leader.ClientUrl.Scheme;
        context.Response.Headers.Location =
            $"{scheme}://{leader.ClientUrl.Authority}{request.Path}{request.QueryString}";
        return Responses.TextAsync(context, StatusCodes.Status307TemporaryRedirect, $"The leader is {leader.Name}.");
    }

    // A redirect of HTTP names http, and nearly all libraries that follow one at all want that. Python's websockets
    // follows only ws and wss; it calls itself "Python/3.12 websockets/13.1".
    private static bool WantsWebSocketScheme(HttpRequest request) =>
        request.Headers.UserAgent.ToString().Contains("websockets/", StringComparison.OrdinalIgnoreCase);
}
