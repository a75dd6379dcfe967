// GET /v1/history: what happened, from this node's own journal, one page after the other.
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.History;

internal sealed class HistoryEndpoint(
    NodeSettings settings,
    HistoryQueryService? historyQueries,
    Authenticator authenticator
)
{
    public const string Off = "This node keeps no journal (--journal off).";

    public async Task HandleAsync(HttpContext context)
    {
        if (historyQueries is null)
        {
            await Responses.TextAsync(context, StatusCodes.Status404NotFound, Off);
            return;
        }

        var parameters = new HistoryParameters(context.Request.Query);
        var asked = parameters.Query();
        var query = asked with { Filter = asked.Filter with { Caller = authenticator.Of(context) } };
        if (parameters.Error is { } error)
        {
            await Responses.TextAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        var reader = authenticator.ReaderOf(context);
        if (historyQueries.Queries.Enter(reader) is var entry and not ReaderEntry.Admitted)
        {
            await ReaderLimit.RefuseAsync(context, entry, "queries about the history");
            return;
        }

        HistoryFound found;
        try
        {
            found = await historyQueries.ReadAsync(query, context.RequestAborted);
        }
        finally
        {
            historyQueries.Queries.Leave(reader);
        }

        var view = new HistoryResponse(
            settings.Name,
            historyQueries.Index,
            found.Events,
            found.More ? found.Cursor.ToString() : null,
            found.More,
            found.Gaps
        );
        await Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.HistoryResponse);
    }
}
