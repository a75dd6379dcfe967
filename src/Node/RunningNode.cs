// The parts of a node put together: Raft, sessions, routing, pages, and the order in which they start and stop.
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Backup;
using RaftLocks.Node.Certificates;
using RaftLocks.Node.Endpoints;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.History;
using RaftLocks.Node.Http;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Membership;
using RaftLocks.Node.Metrics;
using RaftLocks.Node.Queries;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Wire;
using Yarp.ReverseProxy.Forwarder;

namespace RaftLocks.Node;

/// <summary>A whole node, in a process of its own or in a test.</summary>
internal sealed partial class RunningNode : IAsyncDisposable
{
    private static readonly TimeSpan LookForLeader = TimeSpan.FromMilliseconds(50);

    private readonly HistoryBroadcaster broadcaster = new();
    private readonly NodeSettings settings;
    private readonly LiveSettings live;
    private readonly ConnectionBudget budget;
    private readonly ILogger logger;
    private readonly NodeJournal? journal;
    private readonly HistoryQueryService? historyQueries;
    private readonly ReplicaWatch replicas;
    private readonly Telemetry telemetry;
    private readonly RaftNode raft;
    private readonly SessionRegistry registry;
    private readonly LeaderProxy proxy;
    private readonly Heartbeats heartbeats;
    private readonly WatchedCertificates certificates;
    private readonly WatchedCertificates? raftCertificates;
    private readonly MemberClient members;
    private readonly ClusterBootstrap bootstrap;
    private readonly AddressWatch addresses;
    private readonly FeatureLevels levels;
    private readonly LinearizableReadGate answers;
    private readonly Identities identities;
    private readonly LockRates? rates;
    private readonly RightsWatch? rightsWatch;
    private readonly ScheduledSnapshots? scheduled;
    private readonly WebApplication web;
    private readonly TaskCompletionSource askedToEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();
    private Task watching = Task.CompletedTask;
    private bool stopped;
    private bool disposed;

    /// <summary>Opens the node's data; nothing is listened to yet.</summary>
    /// <param name="settings">The node's.</param>
    /// <param name="configuration">The host's.</param>
    /// <param name="loggers">The logs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="diskHung">Called, on a thread that waits for no disk, when the disk does not answer and the process
    /// must end soon.</param>
    public RunningNode(
        NodeSettings settings,
        IConfiguration configuration,
        ILoggerFactory loggers,
        TimeProvider time,
        Action? diskHung = null
    )
    {
        this.settings = settings;
        live = new LiveSettings(settings);
        budget = ConnectionBudget.For(settings, OpenFileLimit.Read());
        logger = loggers.CreateLogger("RaftLocks.Node");
        var tlsLogger = loggers.CreateLogger("RaftLocks.Certificates");
        certificates = new WatchedCertificates("client", settings.Certificates, tlsLogger, time);
        var tls = new NodeTls(certificates, tlsLogger, time);
        members = new MemberClient(tls.Client);
        raftCertificates = MemberCertificate.Watch(settings, tlsLogger, time);
        WarnOfFewFiles();

        identities = new Identities(
            settings,
            () => raft!.Auth,
            shown => MemberCertificate.IsNodes(shown, certificates, raft!.Members),
            MemberCertificate.Proof(raftCertificates, () => raft!.Members),
            loggers,
            time
        );
        journal = settings.Journal is { } wanted ? new NodeJournal(wanted, broadcaster, loggers, time) : null;
        historyQueries = journal is null ? null : new HistoryQueryService(settings.Journal!, journal, time);
        telemetry = new Telemetry(settings);
        var options = new RaftNodeOptions
        {
            Name = settings.Name,
            DataDirectory = settings.DataDirectory,
            Members = settings.Members,
            RaftListen = settings.RaftListen,
            ApplyObserver = journal?.ApplyObserver,
            Metrics = telemetry.Raft,
            DiskHung = diskHung,
            OnlyAlone = settings.IsRaftUnguarded ? NodeSettings.UnguardedText : null,
            Certificates = MemberCertificate.Shown(raftCertificates),
        };
        registry = new SessionRegistry(
            options.LeaderSilenceMs + options.LeaseMs,
            time,
            waiter => raft!.Read(state => QueuePosition.Of(state, waiter))
        );
        journal?.CheckVersion();
        raft = new RaftNode(options, registry, loggers, time);
        bootstrap = new ClusterBootstrap(raft, settings, members, time, loggers.CreateLogger("RaftLocks.Membership"));
        addresses = new AddressWatch(raft, time, loggers.CreateLogger("RaftLocks.Membership"));
        levels = new FeatureLevels(
            raft,
            (member, token) => members.NodeAsync(member.InternalUrl, token),
            time,
            loggers.CreateLogger("RaftLocks.Membership")
        );
        journal?.Start(raft.Read);
        replicas = new ReplicaWatch(
            () => raft.Members.Where(member => member.Name != settings.Name),
            () => [.. raft.Read(state => state.DigestHistory), .. raft.RecentDigests],
            async (member, token) => MemberDigests.Of(await members.ClusterAsync(member, token)),
            raft.EndOutvoted,
            time,
            loggers.CreateLogger("RaftLocks.Journal")
        );
        scheduled = Scheduled(loggers, time);
        var alarms = new Alarms(journal, replicas, telemetry.Raft)
        {
            Certificates = raftCertificates is null ? [certificates] : [certificates, raftCertificates],
            TooOld = () => raft.Current is null ? [] : raft.Builds.TooOld,
            KnownElsewhere = () => raft.KnownElsewhere,
            IssuerKeys = () => identities.Problem,
            NotSaved = () => scheduled?.Problem,
        };
        telemetry.Node.Look(raft, telemetry.Raft);
        telemetry.Node.Look(registry);
        telemetry.Node.Look(alarms);
        telemetry.Node.Look(budget);
        telemetry.Node.Look(live);
        telemetry.Node.Look(registry, live);
        var admission = new Admission(
            live,
            name => raft.Read(state => new NamespaceLook(state.TryGetNamespace(name.Span, out _), state.NamespaceCount))
        );
        var (authenticator, audit) = (identities.Authenticator, identities.Audit);
        var admin = new AdminGuard(settings);
        telemetry.Node.Look(audit, admin);
        rightsWatch = settings.RevokeWithoutRight ? new RightsWatch(raft, registry, authenticator, time) : null;
        rates = LockRates.Of(settings);
        var rules = new ConnectionRules(live, admission, audit, rates);
        web = HttpServer.Build(
            settings,
            configuration,
            loggers,
            tls,
            new WebGuard(settings, new AllowedHosts(settings, () => raft.Members)),
            budget,
            identities,
            raft,
            NodeDashboard.Options(settings, raft, authenticator, audit, tls.Client, () => ListensOn)
        );
        heartbeats = new Heartbeats(settings, time);
        telemetry.Node.Look(heartbeats);
        proxy = new LeaderProxy(
            settings,
            tls.Client,
            web.Services.GetRequiredService<IHttpForwarder>(),
            identities.Certificates
        );
        var route = new LeaderRoute(settings, raft, registry, proxy);
        var v1 = new V1Endpoint(live, registry, rules, route, heartbeats, budget, authenticator, time);
        if (settings.Dashboard)
        {
            var proxies = settings with { FollowerMode = FollowerMode.Proxy };
            var forwarding = new LeaderRoute(proxies, raft, registry, proxy);
            NodeDashboard.Map(
                web,
                new LeaderRedirect(forwarding, registry, budget, rules.MessageLimits),
                new AuthGate(authenticator, audit, () => registry.Current is not null, forwarding.SendAsync),
                v1
            );
        }

        answers = new LinearizableReadGate(registry, route, authenticator, time);
        HttpServer.Map(
            web,
            new AuthGate(authenticator, audit, () => registry.Current is not null, route.SendAsync),
            new LeaderRedirect(route, registry, budget, rules.MessageLimits),
            v1,
            new StatsEndpoint(raft, rules, answers, authenticator),
            new ClusterEndpoint(raft, registry, alarms),
            new NodeEndpoint(raft),
            new MembersEndpoint(raft, members, admin, route.SendAsync),
            new HealthEndpoint(raft, registry, alarms),
            new HomeEndpoint(settings, raft)
        );
        QueryRoutes.Map(
            web,
            new LocksEndpoint(raft, rules, answers, authenticator),
            new NamespacesEndpoint(raft, answers, authenticator),
            new FenceEndpoint(raft, rules, answers, authenticator),
            new ExplainEndpoint(raft, rules, answers, authenticator),
            new RevokeEndpoint(raft, registry, rules, admin, route, authenticator, audit)
        );
        new AuthEndpoint(raft, registry, admin, route, answers, authenticator, audit).Map(web);
        HistoryRoutes.Map(
            web,
            new HistoryEndpoint(settings, historyQueries, authenticator),
            new HistoryStreamEndpoint(historyQueries, broadcaster, authenticator, stopping.Token),
            new ExportEndpoint(settings, journal)
        );
        web.MapGet(ApiPaths.Metrics, telemetry.Page.HandleAsync).Needs(RouteRight.Open);
        var snapshots = new SnapshotEndpoint(raft, admin, route.SendAsync);
        web.MapGet(ApiPaths.Snapshot, snapshots.HandleAsync).Needs(RouteRight.AuditedAdmin);
        web.Lifetime.ApplicationStopping.Register(() => askedToEnd.TrySetResult());
    }

    /// <summary>Completes when the process is asked to end.</summary>
    public Task AskedToEnd => askedToEnd.Task;

    /// <summary>Completes with the reason when the node can't go on.</summary>
    public Task<FatalError> Fatal => raft.Fatal;

    /// <summary>The addresses of the listeners for clients, with the real port where any was asked for.</summary>
    public IReadOnlyList<string> ListensOn => [.. web.Urls];

    /// <summary>Completes when clients are served, here or by another node.</summary>
    public Task Serves { get; private set; } = Task.CompletedTask;

    /// <summary>Listens, and joins the cluster.</summary>
    public async Task StartAsync()
    {
        await web.StartAsync();
        watching = Task.WhenAll(
            certificates.RunAsync(stopping.Token),
            raftCertificates?.RunAsync(stopping.Token) ?? Task.CompletedTask,
            identities.RunAsync(stopping.Token)
        );
        using (
            var asking = CancellationTokenSource.CreateLinkedTokenSource(
                stopping.Token,
                web.Lifetime.ApplicationStopping
            )
        )
        {
            try
            {
                await bootstrap.FindOutAsync(asking.Token);
            }
            catch (OperationCanceledException) when (asking.IsCancellationRequested)
            {
                Serves = Task.FromCanceled(asking.Token);
                return;
            }
        }

        await raft.StartAsync(CancellationToken.None);
        replicas.Start();
        watching = Task.WhenAll(
            watching,
            bootstrap.WatchAsync(stopping.Token),
            addresses.RunAsync(stopping.Token),
            levels.RunAsync(stopping.Token),
            rightsWatch?.RunAsync(stopping.Token) ?? Task.CompletedTask,
            scheduled?.RunAsync(stopping.Token) ?? Task.CompletedTask
        );
        Serves = WaitUntilServedAsync();
    }

    /// <summary>Closes the connections of clients, transfers leadership, stops listening.</summary>
    public async Task StopAsync()
    {
        if (stopped)
        {
            return;
        }

        stopped = true;
        await stopping.CancelAsync();
        await registry.ShutDownAsync();
        await watching;
        await raft.StopAsync(CancellationToken.None);
        await web.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        await StopAsync();

        // While all that it looks at is still there: it sends its last figures.
        telemetry.Dispose();
        await replicas.DisposeAsync();
        await raft.DisposeAsync();
        if (journal is not null)
        {
            await journal.DisposeAsync();
        }

        await web.DisposeAsync();
        heartbeats.Dispose();
        historyQueries?.Dispose();
        answers.Dispose();
        proxy.Dispose();
        identities.Dispose();
        rates?.Dispose();
        members.Dispose();
        stopping.Dispose();
    }

    private async Task WaitUntilServedAsync()
    {
        // Alone, it has nobody to wait for: clients find all that this build can do.
        while (
            (registry.Current is null && raft.Status.Role != "follower")
            || (raft.Members.Count == 1 && registry.Current?.Leadership.FeatureLevel < FeatureLevels.Supported)
        )
        {
            await Task.Delay(LookForLeader, stopping.Token);
        }
    }
}
