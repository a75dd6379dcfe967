// Who looks at the page, and from where. A web page of somebody else must not reach the dashboard through the browser
// of an operator: not by connecting across origins, and not under a name of its own that it lets point to this machine
// (DNS rebinding).
using System.Net;
using Microsoft.AspNetCore.Http;

namespace RaftLocks.Dashboard;

/// <summary>Judges where a request comes from.</summary>
internal static class Origins
{
    /// <summary>Whether the request comes from a page of this very address, or from no page at all.</summary>
    public static bool IsOwn(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || (
                Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
            );
    }

    /// <summary>
    /// Whether the viewer sits on this machine: connected over loopback, through no proxy, and under a name that can
    /// only mean this machine.
    /// </summary>
    public static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } from
        && IPAddress.IsLoopback(from)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For")
        && !context.Request.Headers.ContainsKey("Forwarded")
        && IsLoopbackName(context.Request.Host.Host);

    private static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
