// Which web pages may have a browser ask this node, and under which names. A browser runs whatever a page tells it,
// within the network of whoever looks at the page. So a page of another origin is refused unless it was allowed, and a
// page whose name was made to point here (DNS rebinding) is known by that name. Programs that are no browsers send no
// Origin, and are not concerned. Two answers tell only what any page may know, a greeting and counts: Locktopus'
// playground reads them from another origin.
using RaftLocks.Api;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

/// <summary>Judges what a request says of its host and its origin.</summary>
/// <param name="settings">Which are allowed.</param>
/// <param name="hosts">The names that this node and the other members have.</param>
internal sealed class WebGuard(NodeSettings settings, AllowedHosts hosts)
{
    private const string Any = "*";

    private readonly bool isAnyHost = settings.AllowHosts.Contains(Any, StringComparer.Ordinal);
    private readonly HashSet<string> moreHosts = new(settings.AllowHosts, StringComparer.OrdinalIgnoreCase);
    private readonly bool isAnyOrigin = settings.AllowOrigins.Contains(Any, StringComparer.Ordinal);
    private readonly HashSet<string> origins = new(settings.AllowOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>Refuses what may not come in.</summary>
    public Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsKnown(context.Request.Host.Host))
        {
            return Responses.TextAsync(
                context,
                StatusCodes.Status403Forbidden,
                "This node has no such name. Ask it by an IP address or by a name of a member, or start the nodes with "
                    + "--allow-host NAME."
            );
        }

        var isOpen = IsOpen(context.Request);
        if (isOpen)
        {
            context.Response.Headers.AccessControlAllowOrigin = Any;
        }

        return isOpen || IsOwnOrAllowed(context.Request)
            ? next(context)
            : Responses.TextAsync(
                context,
                StatusCodes.Status403Forbidden,
                "This node is not open to web pages of other origins. Start the nodes with --allow-origin ORIGIN to "
                    + "let them in."
            );
    }

    /// <summary>Whether pages of an origin may read this node's answers.</summary>
    public bool IsAllowed(string origin) => isAnyOrigin || origins.Contains(origin);

    private static bool IsOpen(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Path.Value is ("/" or ApiPaths.Stats);

    // Before HTTP/1.1 no host was named; browsers always do.
    private bool IsKnown(string host) =>
        isAnyHost || host.Length == 0 || hosts.Contains(host) || moreHosts.Contains(host);

    // The scheme is not compared: a proxy in front may speak https for this node.
    private bool IsOwnOrAllowed(HttpRequest request) =>
        request.Headers.Origin switch
        {
            [] => true,
            [{ } origin] => IsAllowed(origin)
                || (
                    Uri.TryCreate(origin, UriKind.Absolute, out var page)
                    && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
                ),
            _ => false,
        };
}
