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

    /// <summary>503: not now, or not here.</summary>
    public static Task UnavailableAsync(HttpContext context, string sentence)
    {
        context.Response.Headers.RetryAfter = Limits.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return TextAsync(context, StatusCodes.Status503ServiceUnavailable, sentence);
    }

    /// <summary>429: this reader has too much under way; others do not notice.</summary>
    public static Task TooManyAsync(HttpContext context, string sentence)
    {
        context.Response.Headers.RetryAfter = Limits.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return TextAsync(context, StatusCodes.Status429TooManyRequests, sentence);
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
