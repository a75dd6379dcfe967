// GET /v1/history: what happened, from this node's own journal, one page after the other.
using RaftLocks.Node.Http;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.History;

internal sealed class HistoryPage(NodeSettings settings, HistoryDesk? desk)
{
    public const string Off = "This node keeps no journal (--journal off).";

    public async Task HandleAsync(HttpContext context)
    {
        if (desk is null)
        {
            await Answer.TextAsync(context, StatusCodes.Status404NotFound, Off);
            return;
        }

        var parameters = new HistoryParameters(context.Request.Query);
        var query = parameters.Query();
        if (parameters.Mistake is { } mistake)
        {
            await Answer.TextAsync(context, StatusCodes.Status400BadRequest, mistake);
            return;
        }

        if (await desk.TryReadAsync(query, context.RequestAborted) is not { } found)
        {
            await Answer.TryAgainAsync(context, "Too many ask for the history of this node at once.");
            return;
        }

        var view = new HistoryPageView(
            settings.Name, desk.Index, found.Events, found.More ? found.Cursor.ToString() : null, found.More, found.Gaps);
        await Answer.JsonAsync(context, StatusCodes.Status200OK, view, HistoryShapes.Default.HistoryPageView);
    }
}
