// Puts the dashboard into a node's web server, under /dashboard and nowhere else. While nobody looks it does nothing.
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace RaftLocks.Dashboard;

/// <summary>The dashboard in a web server.</summary>
public static class DashboardHost
{
    /// <summary>The path of the dashboard.</summary>
    public const string Path = "/dashboard";

    /// <summary>Adds what it needs.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddRouting();
        services
            .AddRazorComponents()
            .AddInteractiveServerComponents(circuits =>
            {
                circuits.DisconnectedCircuitMaxRetained = Limits.MaxLostViewers;
                circuits.DisconnectedCircuitRetentionPeriod = Limits.KeepLostViewers;
                circuits.MaxBufferedUnacknowledgedRenderBatches = 10;
            })
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = Limits.HubMessageBytes);

        // Nothing outlives the process: after a restart a page loads itself anew, and asks for a login.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddMudServices();
        services
            .AddOptions<AntiforgeryOptions>()
            .Configure<DashboardOptions>(
                (antiforgery, node) =>
                {
                    antiforgery.Cookie.Name = "raftlocks-antiforgery-" + node.NodeName;
                    antiforgery.Cookie.Path = Path;
                    antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                    antiforgery.SuppressXFrameOptionsHeader = true;
                }
            );
        services.AddSingleton<NodeApi>();
        services.AddSingleton<Logins>();
        services.AddSingleton<LoginRate>();
        services.AddSingleton<LoginGate>();
        services.AddSingleton<LoginEndpoint>();
        services.AddScoped<Viewer>();
        services.AddScoped<ViewerApi>();
        services.AddSingleton<ClusterFeed>();
        services.AddSingleton<ViewerLimit>();
    }

    /// <summary>Maps the pages of the dashboard.</summary>
    /// <param name="web">The node's web server; before its own pages.</param>
    /// <param name="check">Runs between the routing and the page.</param>
    /// <param name="playground">Connects a simulated client: GET /v1 of the leader, wherever it is.</param>
    public static void Map(
        WebApplication web,
        Func<HttpContext, RequestDelegate, Task> check,
        RequestDelegate playground
    )
    {
        var limit = web.Services.GetRequiredService<ViewerLimit>();
        var logins = web.Services.GetRequiredService<LoginGate>();
        var login = web.Services.GetRequiredService<LoginEndpoint>();
        web.Map(
            Path,
            branch =>
            {
                branch.UseWebSockets();
                branch.Use(next => context => GuardAsync(context, next));
                branch.UseRouting();
                branch.Use(check);
                branch.Use(next => context => logins.UseAsync(context, next));
                branch.Use(next => context => limit.UseAsync(context, next));
                branch.UseAntiforgery();
                branch.UseEndpoints(endpoints =>
                {
                    endpoints.MapGet("/assets/{name}", AssetStore.HandleAsync).IsOpenToAll();
                    endpoints.MapPost("/login", login.LogInAsync).IsOpenToAll();
                    endpoints.MapPost("/logout", login.LogOutAsync);
                    endpoints.MapGet("/v1", LoginGate.AsViewer(playground));
                    endpoints
                        .MapRazorComponents<App>()
                        .AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null);
                });
            }
        );
    }

    private static Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (!Origins.IsOwn(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return context.Response.WriteAsync("The dashboard is not open to other web pages.\n");
        }

        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            + "connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";
        return next(context);
    }
}
