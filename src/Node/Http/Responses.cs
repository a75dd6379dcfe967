// Short answers to people and programs: a sentence, or JSON.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

internal static class Responses
{
    /// <summary>A sentence.</summary>
    public static Task TextAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(sentence + "\n");
    }

    /// <summary>
    /// Lets any web page read the answer: it tells nothing that is worth hiding, and Locktopus' pages ask from another
    /// origin.
    /// </summary>
    public static void ToAnyOrigin(HttpContext context) =>
        context.Response.OnStarting(
            static response =>
            {
                // Set at last, so that it stands there once, forwarded or not.
                ((HttpResponse)response)
                    .Headers
                    .AccessControlAllowOrigin = "*";
                return Task.CompletedTask;
            },
            context.Response
        );

    /// <summary>503: not now, or not here.</summary>
    public static Task UnavailableAsync(HttpContext context, string sentence)
    {
        context.Response.Headers.RetryAfter = Limits.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return TextAsync(context, StatusCodes.Status503ServiceUnavailable, sentence);
    }

    /// <summary>JSON.</summary>
    public static Task JsonAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }
}
