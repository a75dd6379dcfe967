// Which query is answered at which path.
using RaftLocks.Api;

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
        web.MapGet(ApiPaths.Locks, locks.HandleAsync);
        web.MapGet(ApiPaths.Namespaces, namespaces.HandleAsync);
        web.MapGet(ApiPaths.Fence, fence.HandleAsync);
        web.MapPost(ApiPaths.Explain, explain.HandleAsync);
        web.MapPost(ApiPaths.Revoke, revoke.HandleAsync);
    }
}
