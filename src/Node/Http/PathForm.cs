// Each page has one address, written in one way. Whoever stands in front of a node (a proxy's rules, a firewall's)
// judges by what is written; a path that means the same and is written otherwise would get past it.
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;

namespace RaftLocks.Node.Http;

internal static class PathForm
{
    private const string Refusal =
        "There is no such page. Paths are written in one way: lower case as in /v1/cluster, no percent escapes, and no "
        + "slash twice or at the end.";

    /// <summary>
    /// Whether a path is written in the normal form: letters, digits, '-', '.', '_', '~', ':', '@', single slashes.
    /// </summary>
    /// <param name="target">The request's target as it came, with its query.</param>
    /// <param name="roots">Paths that end with a slash.</param>
    public static bool IsNormal(ReadOnlySpan<char> target, params ReadOnlySpan<string> roots)
    {
        var path = WithoutAuthority(target);
        var end = path.IndexOf('?');
        path = end < 0 ? path : path[..end];
        foreach (var root in roots)
        {
            if (path.SequenceEqual(root))
            {
                return true;
            }
        }

        if (path.IsEmpty || path[0] != '/')
        {
            return false;
        }

        foreach (var range in path[1..].Split('/'))
        {
            var segment = path[1..][range];
            if (segment is "" or "." or ".." || !segment.ContainsOnlyPlain())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Refuses what is written otherwise. It comes first of all.</summary>
    /// <param name="roots">Paths that end with a slash.</param>
    public static Func<HttpContext, RequestDelegate, Task> Check(params string[] roots) =>
        (context, next) =>
            IsNormal(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, roots)
                ? next(context)
                : Responses.TextAsync(context, StatusCodes.Status404NotFound, Refusal);

    /// <summary>
    /// Refuses a page whose name came in other letter case. It comes after the routing, which does not mind.
    /// </summary>
    public static Task CheckCase(HttpContext context, RequestDelegate next) =>
        context.GetEndpoint() is not RouteEndpoint route || IsExact(route.RoutePattern, context.Request)
            ? next(context)
            : Responses.TextAsync(context, StatusCodes.Status404NotFound, Refusal);

    // What a route has before its parameters is compared letter by letter; what stands for a parameter is free.
    private static bool IsExact(RoutePattern pattern, HttpRequest request)
    {
        var before = request.PathBase.Value ?? "";
        var given = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return string.Equals(before, before.ToLowerInvariant(), StringComparison.Ordinal)
            && pattern
                .PathSegments.Zip(given)
                .All(pair =>
                    pair.First.Parts is not [RoutePatternLiteralPart literal]
                    || string.Equals(literal.Content, pair.Second, StringComparison.Ordinal)
                );
    }

    // A request through a proxy may name the whole address.
    private static ReadOnlySpan<char> WithoutAuthority(ReadOnlySpan<char> target)
    {
        var scheme = target.IndexOf("://");
        if (target.StartsWith('/') || scheme < 0)
        {
            return target;
        }

        var rest = target[(scheme + 3)..];
        var path = rest.IndexOf('/');
        return path < 0 ? "/" : rest[path..];
    }

    private static bool ContainsOnlyPlain(this ReadOnlySpan<char> segment)
    {
        foreach (var one in segment)
        {
            if (!char.IsAsciiLetterOrDigit(one) && one is not ('-' or '.' or '_' or '~' or ':' or '@'))
            {
                return false;
            }
        }

        return true;
    }
}
