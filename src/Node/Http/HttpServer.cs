// The web server: where it listens, what it refuses before any page sees it, and which page answers which path.
using RaftLocks.Dashboard;
using RaftLocks.Node.Membership;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.Http;

internal static class HttpServer
{
    // For probes and pages while all client connections are taken.
    private const int SpareConnections = 1024;

    /// <summary>A server that listens as told, with nothing mapped.</summary>
    public static WebApplication Build(NodeSettings settings, IConfiguration configuration, ILoggerFactory loggers, DashboardOptions? dashboard)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(HttpServer).Assembly.GetName().Name });
        builder.Configuration.AddInMemoryCollection();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.AddHttpForwarder();
        if (dashboard is not null)
        {
            builder.Services.AddSingleton(dashboard);
            DashboardHost.Add(builder.Services);
        }

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(Limits.ShutdownMs));
        builder.WebHost.UseUrls([.. settings.ListenUrls]);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Configure(configuration.GetSection("Kestrel"));
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);
            kestrel.Limits.MaxConcurrentConnections = (long)settings.MaxConnections + SpareConnections;
            kestrel.Limits.MaxRequestLineSize = Limits.MaxRequestLineBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = Limits.MaxRequestHeadersBytes;
            kestrel.Limits.MaxRequestBufferSize = Limits.MaxRequestHeadersBytes + Limits.MaxRequestLineBytes;
            kestrel.Limits.MaxRequestBodySize = Limits.MaxRequestBodyBytes;
            kestrel.Limits.MaxResponseBufferSize = Limits.ResponseBufferBytes;

            // A client may be silent for hours; the pings tell whether it is there. Whoever asks for a page may not: SlowClients.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        var web = builder.Build();
        web.Use(SlowClients.Bound);
        return web;
    }

    /// <summary>Which page answers which path.</summary>
    public static void Map(
        WebApplication web, V1Endpoint v1, StatsPage stats, ClusterPage cluster, NodePage node, MembersAdmin members, HealthProbes health, HomePage home)
    {
        web.Use(CoalescingUpgrade.Use);
        web.UseWebSockets();
        web.UseRouting();
        web.MapGet("/", home.HandleAsync);
        web.MapGet("/v1", v1.HandleAsync);
        web.MapGet("/v1/cluster", cluster.HandleAsync);
        web.MapGet("/v1/node", node.HandleAsync);
        web.MapGet("/v1/admin/members", members.ListAsync);
        web.MapPost("/v1/admin/members", members.AddAsync);
        web.MapDelete("/v1/admin/members/{name}", members.RemoveAsync);
        web.MapGet("/stats_v1", stats.HandleAsync);
        web.MapGet("/health/live", health.LiveAsync);
        web.MapGet("/health/ready", health.ReadyAsync);
    }
}
