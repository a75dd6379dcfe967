// A request that finds no memory ends the node. The web server would only end that request's connection, and the node
// would go on half alive: it would keep its lease, and serve some of its clients. Another can do better.
namespace RaftLocks.Node.Http;

internal static class MemoryGuard
{
    /// <summary>Makes the middleware.</summary>
    /// <param name="endNode">Ends the node.</param>
    public static Func<HttpContext, RequestDelegate, Task> Make(Action<Exception> endNode) =>
        async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (OutOfMemoryException e)
            {
                endNode(e);
                throw;
            }
        };
}
