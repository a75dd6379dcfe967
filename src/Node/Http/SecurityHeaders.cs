// What browsers are told with each answer: to take it for what it says it is, to run nothing in it, to show it in no
// frame, and to name its address to nobody. The dashboard, which has scripts, says so itself.
namespace RaftLocks.Node.Http;

internal static class SecurityHeaders
{
    private const string Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds them. Set at last, so that each stands there once, forwarded or not.</summary>
    public static Task Add(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(
            static response =>
            {
                Set((HttpResponse)response);
                return Task.CompletedTask;
            },
            context.Response
        );
        return next(context);
    }

    private static void Set(HttpResponse response)
    {
        if (response.StatusCode == StatusCodes.Status101SwitchingProtocols)
        {
            return;
        }

        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.XFrameOptions = "DENY";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (response.Headers.ContentSecurityPolicy.Count == 0)
        {
            response.Headers.ContentSecurityPolicy = Policy;
        }
    }
}
