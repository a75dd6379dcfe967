// Which query is answered at which path.
using RaftLocks.Api;
using RaftLocks.Node.Auth;

namespace RaftLocks.Node.Queries;

internal static class QueryRoutes
{
    /// <summary>Adds the queries about who holds and who waits.</summary>
    public static void Map(
        WebApplication web,
        LocksEndpoint locks,
        NamespacesEndpoint namespaces,
        FenceEndpoint fence,
        ExplainEndpoint explain,
        RevokeEndpoint revoke
    )
    {
        web.MapGet(ApiPaths.Locks, locks.HandleAsync).Needs(RouteRight.Observe);
        web.MapGet(ApiPaths.Namespaces, namespaces.HandleAsync).Needs(RouteRight.Observe);
        web.MapGet(ApiPaths.Fence, fence.HandleAsync).Needs(RouteRight.Observe);
        web.MapPost(ApiPaths.Explain, explain.HandleAsync).Needs(RouteRight.Explain);
        web.MapPost(ApiPaths.Revoke, revoke.HandleAsync).Needs(RouteRight.Revoke);
    }
}
