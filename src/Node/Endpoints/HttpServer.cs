// The web server: where it listens, what it refuses before any page sees it, and which page answers which path.
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using RaftLocks.Api;
using RaftLocks.Dashboard;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Membership;
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Endpoints;

internal static class HttpServer
{
    /// <summary>A server that listens as told, with nothing mapped.</summary>
    public static WebApplication Build(
        NodeSettings settings,
        IConfiguration configuration,
        ILoggerFactory loggers,
        ConnectionBudget budget,
        Action<Exception> outOfMemory,
        DashboardOptions? dashboard
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = typeof(HttpServer).Assembly.GetName().Name }
        );
        builder.Configuration.AddInMemoryCollection();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.AddHttpForwarder();
        if (dashboard is not null)
        {
            builder.Services.AddSingleton(dashboard);
            DashboardHost.Add(builder.Services);
        }

        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = TimeSpan.FromMilliseconds(Limits.ShutdownMs)
        );
        builder.WebHost.UseUrls([.. settings.ListenUrls]);
        builder
            .WebHost.UseKestrelCore()
            .UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.Configure(configuration.GetSection("Kestrel"));
                kestrel.AddServerHeader = false;
                kestrel.ConfigureEndpointDefaults(endpoint =>
                {
                    endpoint.Protocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1;
                    endpoint.Use(HalfClose.Use);
                    endpoint.Use(FirstRequestCheck.Use);
                });
                kestrel.Limits.MaxRequestLineSize = Limits.MaxRequestLineBytes;
                kestrel.Limits.MaxRequestHeadersTotalSize = Limits.MaxRequestHeadersBytes;
                kestrel.Limits.MaxRequestBufferSize = Limits.MaxRequestHeadersBytes + Limits.MaxRequestLineBytes;
                kestrel.Limits.MaxRequestBodySize = Limits.MaxRequestBodyBytes;
                kestrel.Limits.MaxResponseBufferSize = Limits.ResponseBufferBytes;

                // A client may be silent for hours; the pings tell whether it is there. Whoever asks for a page may
                // not: ClientDataRates.
                kestrel.Limits.MinRequestBodyDataRate = null;
                kestrel.Limits.MinResponseDataRate = null;
            });
        var plain =
            settings.ListenUrls.All(url => url.StartsWith(Uri.UriSchemeHttp + ":", StringComparison.OrdinalIgnoreCase))
            && !configuration.GetSection("Kestrel").Exists();
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => new BoundedListenerFactory(
            new SocketTransportFactory(services.GetRequiredService<IOptions<SocketTransportOptions>>(), loggers),
            budget,
            plain
        ));
        var web = builder.Build();
        web.Use(ConnectionBudget.TrackAsync);
        web.Use(MemoryGuard.Make(outOfMemory));
        web.Use(ClientDataRates.Bound);
        return web;
    }

    /// <summary>Maps each path to its endpoint.</summary>
    public static void Map(
        WebApplication web,
        V1Endpoint v1,
        StatsEndpoint stats,
        ClusterEndpoint cluster,
        NodeEndpoint node,
        MembersEndpoint members,
        HealthEndpoint health,
        HomeEndpoint home
    )
    {
        web.Use(CorkedUpgrade.Use);
        web.UseWebSockets();
        web.UseRouting();
        web.MapGet("/", home.HandleAsync);
        web.MapGet("/v1", v1.HandleAsync);
        web.MapGet(ApiPaths.Cluster, cluster.HandleAsync);
        web.MapGet(ApiPaths.Node, node.HandleAsync);
        web.MapGet(ApiPaths.Members, members.ListAsync);
        web.MapPost(ApiPaths.Members, members.AddAsync);
        web.MapDelete(ApiPaths.Members + "/{name}", members.RemoveAsync);
        web.MapGet(ApiPaths.Stats, stats.HandleAsync);
        web.MapGet(ApiPaths.Live, health.LiveAsync);
        web.MapGet(ApiPaths.Ready, health.ReadyAsync);
    }
}
