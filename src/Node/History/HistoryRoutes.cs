// Maps the paths of the history to their endpoints.
using RaftLocks.Api;

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
        web.MapGet(ApiPaths.History, history.HandleAsync);
        web.MapGet(ApiPaths.HistoryStream, stream.HandleAsync);
        web.MapGet(ApiPaths.HistoryExport, export.HandleAsync);
    }
}
