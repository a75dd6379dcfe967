// Which question is answered at which path.
namespace RaftLocks.Node.Queries;

internal static class QueryRoutes
{
    /// <summary>Adds the questions about who holds and who waits.</summary>
    public static void Map(WebApplication web, LocksPage locks, NamespacesPage namespaces, FencePage fence, ExplainPage explain, RevokePage revoke)
    {
        web.MapGet("/v1/locks", locks.HandleAsync);
        web.MapGet("/v1/namespaces", namespaces.HandleAsync);
        web.MapGet("/v1/fence", fence.HandleAsync);
        web.MapPost("/v1/explain", explain.HandleAsync);
        web.MapPost("/v1/admin/revoke", revoke.HandleAsync);
    }
}
