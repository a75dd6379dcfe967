// Maps the paths of the history to their endpoints.
using RaftLocks.Api;
using RaftLocks.Node.Auth;

namespace RaftLocks.Node.History;

internal static class HistoryRoutes
{
    /// <summary>Adds the history's pages.</summary>
    public static void Map(
        WebApplication web,
        HistoryEndpoint history,
        HistoryStreamEndpoint stream,
        ExportEndpoint export
    )
    {
        web.MapGet(ApiPaths.History, history.HandleAsync).Needs(RouteRight.History);
        web.MapGet(ApiPaths.HistoryStream, stream.HandleAsync).Needs(RouteRight.History);
        web.MapGet(ApiPaths.HistoryExport, export.HandleAsync).Needs(RouteRight.Export);
    }
}
