// What stands before the dashboard where authentication is on. Whoever has not logged in gets the login page in place
// of any page, and nothing else but scripts and styles. A login is a cookie that no script reads, that no page of
// another site has the browser send, and that means nothing to any other program or node.
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace RaftLocks.Dashboard;

/// <summary>Lets in whoever has logged in.</summary>
internal sealed class LoginGate(DashboardOptions options, Logins logins, IAntiforgery antiforgery)
{
    /// <summary>The name of the login's cookie. The nodes of one machine are one site for a browser, whatever their
    /// ports.</summary>
    public static string CookieName(DashboardOptions options) => "raftlocks-login-" + options.NodeName;

    /// <summary>The middleware.</summary>
    public Task UseAsync(HttpContext context, RequestDelegate next)
    {
        if (!options.AsksForLogin())
        {
            return next(context);
        }

        if (logins.Find(context.Request.Cookies[CookieName(options)]) is { } login)
        {
            context.Features.Set(login);
            context.User = login.User;
            return next(context);
        }

        return context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is not null ? next(context) : AskAsync(context);
    }

    /// <summary>Lets a client of the playground speak as whoever has logged in.</summary>
    public static RequestDelegate AsViewer(RequestDelegate playground) =>
        async context =>
        {
            if (context.Features.Get<Login>() is not { } login)
            {
                await playground(context);
                return;
            }

            context.Request.Headers.Authorization = $"Bearer {login.Secret}";

            // The node that it is forwarded to has no use for it.
            context.Request.Headers.Remove(HeaderNames.Cookie);

            // What was found out about the request before counts no more: it showed no token then.
            await using var anew = context.RequestServices.CreateAsyncScope();
            context.RequestServices = anew.ServiceProvider;
            await playground(context);
        };

    private Task AskAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.ContentType = "text/plain; charset=utf-8";
            return context.Response.WriteAsync("The dashboard asks for a login: open it in a browser.\n");
        }

        var page = new RazorComponentResult<LoginPage>(
            new { RequestToken = antiforgery.GetAndStoreTokens(context).RequestToken }
        )
        {
            StatusCode = StatusCodes.Status401Unauthorized,
        };
        return page.ExecuteAsync(context);
    }
}

/// <summary>Marks what is open to whoever has not logged in.</summary>
internal sealed class OpenToAll;

internal static class OpenRoutes
{
    /// <summary>Opens a route to whoever has not logged in.</summary>
    public static TBuilder IsOpenToAll<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new OpenToAll());
}
