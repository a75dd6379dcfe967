// The options of the dashboard for this node, and the route of its playground to the leader.
using System.Net;
using RaftLocks.Api;
using RaftLocks.Dashboard;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Endpoints;

internal static class NodeDashboard
{
    /// <summary>The options of the dashboard; null where there is none.</summary>
    public static DashboardOptions? Options(
        NodeSettings settings,
        RaftNode raft,
        Authenticator authenticator,
        AuditLog audit,
        TlsClient tls,
        Func<IReadOnlyList<string>> listensOn
    ) =>
        !settings.Dashboard
            ? null
            : new()
            {
                Tls = tls,
                NodeName = settings.Name,
                Version = ProductVersion.Text,
                Commit = ProductVersion.ShortCommit,
                AsksForLogin = () => authenticator.IsOn,
                LoginRefused = (context, why) => audit.Refused(context, principal: null, why),
                LoginChanged = (context, name, what) => audit.Done(context, name, what, "the dashboard"),
                NeedsToken = settings.AdminToken is not null,
                LocalMayRevoke = settings.AdminLocal,
                Self = () => Own(listensOn()),
                Leader = () => raft.Leader is { } leader ? Address(leader, settings, listensOn) : null,
                Members = () =>
                    [
                        .. raft
                            .Members.OrderBy(member => member.Name, StringComparer.Ordinal)
                            .Select(member => Address(member, settings, listensOn)),
                    ],
            };

    /// <summary>Serves it. A browser can't follow the redirect of a WebSocket, so the playground's are always
    /// forwarded, whatever other clients are told.
    /// </summary>
    public static void Map(WebApplication web, LeaderRedirect redirect, AuthGate gate, V1Endpoint v1)
    {
        var playground = ((IApplicationBuilder)web).New();
        redirect.Use(playground);
        playground.Run(context => gate.CheckAsync(context, v1.HandleAsync, RouteRight.Lock));
        var handshakes = playground.Build();
        web.UseWhen(
            context => context.Request.Path == DashboardHost.Path + LeaderRedirect.Path,
            branch =>
            {
                branch.Use(CorkedUpgrade.Use);
                branch.UseWebSockets();
            }
        );
        DashboardHost.Map(
            web,
            PathForm.CheckCase,
            context =>
            {
                (context.Request.PathBase, context.Request.Path) = ("", LeaderRedirect.Path);
                return handshakes(context);
            }
        );
    }

    private static NodeAddress Address(Member member, NodeSettings settings, Func<IReadOnlyList<string>> listensOn) =>
        new(member.Name, member.Name == settings.Name ? Own(listensOn()) : member.InternalUrl);

    // The address at which it really listens: the port may have been chosen by the system, and a wildcard is no address
    // to connect to.
    private static Uri Own(IReadOnlyList<string> listensOn)
    {
        var address = BindingAddress.Parse(listensOn[0]);
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? IPAddress.Loopback.ToString() : address.Host;
        return new Uri($"{address.Scheme}://{host}:{address.Port}");
    }
}
