// Which page of the history answers which path.
namespace RaftLocks.Node.History;

internal static class HistoryRoutes
{
    /// <summary>Adds the history's pages.</summary>
    public static void Map(WebApplication web, HistoryPage history, HistoryStreamPage stream, ExportPage export)
    {
        web.MapGet("/v1/history", history.HandleAsync);
        web.MapGet("/v1/history/stream", stream.HandleAsync);
        web.MapGet("/v1/history/export", export.HandleAsync);
    }
}
