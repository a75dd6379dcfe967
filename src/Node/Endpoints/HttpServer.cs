// The web server: where it listens, what it refuses before any page sees it, and which page answers which path.
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Options;
using RaftLocks.Api;
using RaftLocks.Dashboard;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Certificates;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Membership;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Endpoints;

internal static class HttpServer
{
    /// <summary>A server that listens as told, with nothing mapped.</summary>
    public static WebApplication Build(
        NodeSettings settings,
        IConfiguration configuration,
        ILoggerFactory loggers,
        NodeTls tls,
        WebGuard guard,
        ConnectionBudget budget,
        Identities identities,
        RaftNode raft,
        DashboardOptions? dashboard
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = typeof(HttpServer).Assembly.GetName().Name }
        );
        builder.Configuration.AddInMemoryCollection();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(raft.Cluster);
        builder.Services.AddRoutingCore();
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton(settings);
        identities.AddTo(builder.Services);
        builder.Services.AddCors();
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
                if (tls.IsConfigured)
                {
                    kestrel.ConfigureHttpsDefaults(tls.Serve);
                }

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
        TellSystemd(web.Lifetime);
        web.Use(ConnectionBudget.TrackAsync);
        web.Use(MemoryGuard.Make(raft.EndOutOfMemory));
        web.Use(ClientDataRates.Bound);
        web.Use(SecurityHeaders.Add);
        web.Use(PathForm.Check("/", DashboardHost.Path + "/"));
        web.Use(guard.PassAsync);
        web.UseCors(cors => cors.SetIsOriginAllowed(guard.IsAllowed).AllowAnyHeader().AllowAnyMethod());
        return web;
    }

    /// <summary>Maps each path to its endpoint.</summary>
    public static void Map(
        WebApplication web,
        AuthGate gate,
        LeaderRedirect redirect,
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
        web.Use(PathForm.CheckCase);

        // Before the gate: the leader knows the newest tokens.
        redirect.Use(web);
        web.Use(gate.InvokeAsync);
        web.MapGet("/", home.HandleAsync).Needs(RouteRight.Open);
        web.MapGet(LeaderRedirect.Path, v1.HandleAsync).Needs(RouteRight.Lock);
        web.MapGet(ApiPaths.Cluster, cluster.HandleAsync).Needs(RouteRight.Open);
        web.MapGet(ApiPaths.Node, node.HandleAsync).Needs(RouteRight.Open);
        web.MapGet(ApiPaths.Members, members.ListAsync).Needs(RouteRight.AdminHere);
        web.MapPost(ApiPaths.Members, members.AddAsync).Needs(RouteRight.AuditedAdmin);
        web.MapDelete(ApiPaths.Members + "/{name}", members.RemoveAsync).Needs(RouteRight.AuditedAdmin);
        web.MapGet(ApiPaths.Stats, stats.HandleAsync).Needs(RouteRight.Observe);
        web.MapGet(ApiPaths.Live, health.LiveAsync).Needs(RouteRight.Open);
        web.MapGet(ApiPaths.Ready, health.ReadyAsync).Needs(RouteRight.Open);
    }

    /// <summary>
    /// Tells systemd, where that has started the process, that the node listens, and later that it ends. (AddSystemd of
    /// the same library would look first who the parent is, and a hardened unit hides that.)
    /// </summary>
    private static void TellSystemd(IHostApplicationLifetime lifetime)
    {
        var systemd = new SystemdNotifier();
        lifetime.ApplicationStarted.Register(() => systemd.Notify(ServiceState.Ready));
        lifetime.ApplicationStopping.Register(() => systemd.Notify(ServiceState.Stopping));
    }
}
