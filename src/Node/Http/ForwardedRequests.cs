// Requests that another node forwarded carry a mark. Whoever sends it without being a node gets less by it, never more.
namespace RaftLocks.Node.Http;

/// <summary>Tells requests that came through another node.</summary>
internal static class ForwardedRequests
{
    /// <summary>The header with the name of the node that forwarded the request.</summary>
    public const string Mark = "RaftLocks-Forwarded-By";

    /// <summary>Whether another node forwarded this request.</summary>
    public static bool Has(HttpContext context) => context.Request.Headers.ContainsKey(Mark);
}
