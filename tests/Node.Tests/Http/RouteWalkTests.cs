// All routes of a node, one after the other: none answers under a foreign name or to a page of another origin, each has
// one way to be written, and each answer tells browsers what not to do with it. A route that is new is walked too.
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Http;

public class RouteWalkTests
{
    private const int LeastRoutes = 25;

    private static readonly (string Name, string Part)[] Headers =
    [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src 'none'"),
        ("Content-Security-Policy", "frame-ancestors 'none'"),
    ];

    // A greeting and counts, which Locktopus' playground reads.
    private static readonly string[] OpenPages = ["/", "/stats_v1"];

    [Fact]
    public async Task Each_route_is_guarded_and_each_answer_has_the_headers()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { Dashboard = true });
        var routes = RoutesOf(node);

        Assert.True(routes.Count >= LeastRoutes, $"{routes.Count} routes");
        foreach (var (method, path) in routes)
        {
            var usual = await RawRequest.SendAsync(node.Url, method, path);
            var renamed = await RawRequest.SendAsync(node.Url, method, path, host: "rebound.example");
            var foreign = await RawRequest.SendAsync(node.Url, method, path, origin: "http://elsewhere.example");
            var own = await RawRequest.SendAsync(node.Url, method, path, origin: "http://localhost");

            Assert.True(usual.Status < 500 || usual.Status == 503, $"{method} {path}: {usual.Status}");
            Assert.Equal(usual.Status, own.Status);
            Assert.True(renamed.Status == 403, $"{method} {path} under another name: {renamed.Status}");
            var refused = OpenPages.Contains(path) ? usual.Status : 403;
            Assert.True(foreign.Status == refused, $"{method} {path} from another origin: {foreign.Status}");
            foreach (var answer in new[] { usual, renamed, foreign, own })
            {
                foreach (var (name, part) in Headers)
                {
                    Assert.True(
                        answer.Headers.TryGetValue(name, out var value)
                            && value.Contains(part, StringComparison.Ordinal),
                        $"{method} {path} ({answer.Status}): {name} is {value ?? "missing"}"
                    );
                }
            }

            foreach (var evasion in Evasions(path))
            {
                var evaded = await RawRequest.SendAsync(node.Url, method, evasion);
                Assert.True(evaded.Status == 404, $"{method} {evasion}: {evaded.Status}");
            }
        }
    }

    // What means the same to a lenient server.
    private static IEnumerable<string> Evasions(string path)
    {
        if (path is "/" or "/dashboard/")
        {
            return ["/" + path];
        }

        var letter = path.IndexOfAny(['a', 'e', 'i', 'o', 'u', 'v', 'z']);
        return
        [
            path + "/",
            "/" + path,
            path.Insert(1, "./"),
            path.Insert(1, "x/../"),
            $"{path[..letter]}%{(int)path[letter]:x2}{path[(letter + 1)..]}",
            $"{path[..letter]}{char.ToUpperInvariant(path[letter])}{path[(letter + 1)..]}",
        ];
    }

    private static List<(string Method, string Path)> RoutesOf(SingleNode node)
    {
        var web = node.Web;
        var pages = ((IEndpointRouteBuilder)web).DataSources.SelectMany(source => source.Endpoints).ToHashSet();
        return
        [
            .. web
                .Services.GetRequiredService<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .SelectMany(route => MethodsOf(route).Select(method => (method, PathOf(route, pages.Contains(route)))))
                .Distinct(),
        ];
    }

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods: { Count: > 0 } methods }
            ? methods
            : ["GET"];

    // The dashboard's routes are relative to it. The framework's own end with a slash there, and are asked for without.
    private static string PathOf(RouteEndpoint route, bool isPage)
    {
        var path = string.Join(
            '/',
            route.RoutePattern.PathSegments.Select(segment =>
                segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content : "x"
            )
        );
        return (isPage ? "/" : "/dashboard/") + path;
    }
}
