// The parts of a node put together: Raft, sessions, routing, pages, and the order in which they start and stop.
using RaftLocks.Node.Backup;
using RaftLocks.Node.History;
using RaftLocks.Node.Http;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Membership;
using RaftLocks.Node.Metrics;
using RaftLocks.Node.Queries;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Settings;
using Yarp.ReverseProxy.Forwarder;

namespace RaftLocks.Node;

/// <summary>A whole node, in a process of its own or in a test.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private static readonly TimeSpan LookForLeader = TimeSpan.FromMilliseconds(50);

    private readonly HistoryHub hub = new();
    private readonly NodeJournal? journal;
    private readonly HistoryDesk? desk;
    private readonly PeerMarks marks = new();
    private readonly ReplicaWatch replicas;
    private readonly Telemetry telemetry;
    private readonly RaftNode raft;
    private readonly SessionRegistry registry;
    private readonly LeaderProxy proxy;
    private readonly Peers peers = new();
    private readonly Belonging belonging;
    private readonly FeatureLevels levels;
    private readonly LeaderAnswers answers;
    private readonly WebApplication web;
    private readonly TaskCompletionSource askedToEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();
    private Task watching = Task.CompletedTask;
    private bool stopped;
    private bool disposed;

    /// <summary>Opens the node's data; nothing is listened to yet.</summary>
    public RunningNode(NodeSettings settings, IConfiguration configuration, ILoggerFactory loggers, TimeProvider time)
    {
        journal = settings.Journal is { } wanted ? new NodeJournal(wanted, hub, loggers, time) : null;
        desk = journal is null ? null : new HistoryDesk(settings.Journal!, journal);
        telemetry = new Telemetry(settings);
        var options = new RaftNodeOptions
        {
            Name = settings.Name,
            DataDirectory = settings.DataDirectory,
            Members = settings.Members,
            RaftListen = settings.RaftListen,
            Follower = journal?.Follower,
            Metrics = telemetry.Raft,
        };
        registry = new SessionRegistry(
            options.LeaderSilenceMs + options.LeaseMs, time, waiter => raft!.Read(state => PlaceInLine.Of(state, waiter)));
        raft = new RaftNode(options, registry, loggers, time);
        belonging = new Belonging(raft, settings, peers, time, loggers.CreateLogger("RaftLocks.Membership"));
        levels = new FeatureLevels(raft, (member, token) => peers.AskAsync(member.InternalUrl, token), time, loggers.CreateLogger("RaftLocks.Membership"));
        journal?.Start(raft.Read);
        replicas = new ReplicaWatch(
            () => raft.Members.Where(member => member.Name != settings.Name),
            () => raft.Read(state => state.DigestMarks),
            marks.AskAsync,
            time,
            loggers.CreateLogger("RaftLocks.Journal"));
        var alarms = new Alarms(journal, replicas);
        telemetry.Node.Look(raft, telemetry.Raft);
        telemetry.Node.Look(registry);
        telemetry.Node.Look(alarms);
        var admission = new Admission(settings, name => raft.Read(state => new NamespaceLook(state.TryGetNamespace(name.Span, out _), state.NamespaceCount)));
        var rules = new ConnectionRules(settings, admission);
        web = HttpServer.Build(settings, configuration, loggers, settings.Dashboard ? NodeDashboard.Options(settings, raft, () => ListensOn) : null);
        proxy = new LeaderProxy(settings, web.Services.GetRequiredService<IHttpForwarder>());
        var route = new LeaderRoute(settings, raft, registry, proxy);
        if (settings.Dashboard)
        {
            NodeDashboard.Map(web, new V1Endpoint(settings, registry, rules, new LeaderRoute(settings with { FollowerMode = FollowerMode.Proxy }, raft, registry, proxy)));
        }

        HttpServer.Map(
            web,
            new V1Endpoint(settings, registry, rules, route),
            new StatsPage(raft, registry, rules, route),
            new ClusterPage(raft, registry, alarms),
            new NodePage(raft),
            new MembersAdmin(raft, peers, new AdminGuard(settings), route.SendAsync),
            new HealthProbes(raft, registry, alarms),
            new HomePage(settings, raft));
        answers = new LeaderAnswers(registry, route);
        QueryRoutes.Map(
            web,
            new LocksPage(raft, rules, answers),
            new NamespacesPage(raft, answers),
            new FencePage(raft, rules, answers),
            new ExplainPage(raft, rules, answers),
            new RevokePage(raft, registry, rules, new AdminGuard(settings), route));
        HistoryRoutes.Map(web, new HistoryPage(settings, desk), new HistoryStreamPage(desk, hub, stopping.Token), new ExportPage(settings, journal));
        web.MapGet("/metrics", telemetry.Page.HandleAsync);
        web.MapGet("/v1/admin/snapshot", new SnapshotPage(raft, new AdminGuard(settings), route.SendAsync).HandleAsync);
        web.Lifetime.ApplicationStopping.Register(() => askedToEnd.TrySetResult());
    }

    /// <summary>Completes when the process is asked to end.</summary>
    public Task AskedToEnd => askedToEnd.Task;

    /// <summary>Completes with the reason when the node can't go on.</summary>
    public Task<Halt> Fatal => raft.Fatal;

    /// <summary>Where clients are listened to; with the real port where any was asked for.</summary>
    public IReadOnlyList<string> ListensOn => [.. web.Urls];

    /// <summary>Completes when clients are served, here or by another node.</summary>
    public Task Serves { get; private set; } = Task.CompletedTask;

    /// <summary>Listens, and joins the cluster.</summary>
    public async Task StartAsync()
    {
        await web.StartAsync();
        using (var asking = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, web.Lifetime.ApplicationStopping))
        {
            try
            {
                await belonging.FindOutAsync(asking.Token);
            }
            catch (OperationCanceledException) when (asking.IsCancellationRequested)
            {
                Serves = Task.FromCanceled(asking.Token);
                return;
            }
        }

        await raft.StartAsync(CancellationToken.None);
        replicas.Start();
        watching = Task.WhenAll(belonging.WatchAsync(stopping.Token), levels.RunAsync(stopping.Token));
        Serves = WaitUntilServedAsync();
    }

    /// <summary>Says farewell to clients, hands over, stops listening.</summary>
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
        marks.Dispose();
        await raft.DisposeAsync();
        if (journal is not null)
        {
            await journal.DisposeAsync();
        }

        await web.DisposeAsync();
        desk?.Dispose();
        answers.Dispose();
        proxy.Dispose();
        peers.Dispose();
        stopping.Dispose();
    }

    private async Task WaitUntilServedAsync()
    {
        // Alone, it has nobody to wait for: clients find all that this build can do.
        while ((registry.Current is null && raft.Status.Role != "follower") || (raft.Members.Count == 1 && registry.Current?.Leadership.FeatureLevel < FeatureLevels.Supported))
        {
            await Task.Delay(LookForLeader, stopping.Token);
        }
    }
}
