// A bounded number of open pages: each costs memory and requests to the leader.
using Microsoft.AspNetCore.Http;

namespace RaftLocks.Dashboard;

/// <summary>Counts the connections of open pages.</summary>
internal sealed class ViewerLimit
{
    private int open;

    /// <summary>Open pages.</summary>
    public int Open => Volatile.Read(ref open);

    /// <summary>Lets a connection of a page through while there is room.</summary>
    public async Task UseAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path != "/_blazor")
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
