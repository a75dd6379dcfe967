// A bounded number of open pages: each costs memory and requests to the leader.
using Microsoft.AspNetCore.Http;

namespace RaftLocks.Dashboard;

/// <summary>Counts the connections of open pages.</summary>
internal sealed class ViewerLimit
{
    private int open;

    /// <summary>Open pages.</summary>
    public int Open => Volatile.Read(ref open);

    private static bool IsPage(PathString path) =>
        string.Equals(path.Value?.Trim('/'), "_blazor", StringComparison.OrdinalIgnoreCase);

    /// <summary>Lets a connection of a page through while there is room.</summary>
    public async Task UseAsync(HttpContext context, RequestDelegate next)
    {
        // However the path is written: the page's own connection is the only WebSocket here but for the playground's.
        if (!IsPage(context.Request.Path))
        {
            await next(context);
            return;
        }

        // Long polling would not be counted.
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        try
        {
            if (Interlocked.Increment(ref open) > Limits.MaxViewers)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }
}
