// One run: a cluster, clients at work, blows by schedule; then calm, in which all must go well again; then the checkers judge what was lived through.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.Stage;
using RaftLocks.Chaos.Workload;

namespace RaftLocks.Chaos;

/// <summary>There was no cluster to be hurt.</summary>
internal sealed class CannotStartException(string message) : Exception(message);

/// <summary>A run.</summary>
internal sealed class ChaosRun(Options options)
{
    // One client of so many has a session, and comes back for what it has.
    private const int ResumingEach = 4;

    // Processes of clients that use the .NET library.
    private const int LibraryProcesses = 2;
    private const double CalmMs = 13_000;
    private const double GrantBoundMs = 10_000;
    private static readonly TimeSpan WholeBound = TimeSpan.FromSeconds(60);

    private readonly Clock clock = new();
    private readonly Notes notes = new();
    private readonly List<Violation> violations = [];

    /// <summary>Runs and judges.</summary>
    public async Task<Verdict> RunAsync()
    {
        await using var cluster = options.MakeCluster();
        await StartAsync(cluster);
        clock.Start();
        Notes.Say(clock.Now, $"{cluster.Nodes.Count} nodes are ready, {options.Clients} clients begin");
        var watch = new Watch(cluster, clock, () => notes.Grants);
        await using var library = new Clientele(Enumerable.Range(0, LibraryProcesses)
            .Select(i => new LibraryClients(options.Clients + (i * LibraryClients.Each), cluster, options.Seed, clock)));
        IInjector[] injectors = [.. cluster.Injectors(options.Seed, violations.Add), new ClientFaults(library.Processes)];
        var leftOut = options.Faults.Except(injectors.SelectMany(injector => injector.Kinds)).ToArray();
        if (leftOut.Length > 0)
        {
            Notes.Say(clock.Now, $"left out, for this machine or this kind of cluster can't play them: {string.Join(", ", leftOut)}");
        }

        var wait = await LiveAsync(cluster, library, injectors, watch);
        await watch.LookAsync();

        var lived = notes.Requests;
        Notes.Say(clock.Now, $"the end; {lived.Length} requests are judged");
        violations.AddRange(OrderCheck.Check(lived, options.FollowersForward));
        violations.AddRange(IdCheck.Check(lived));
        violations.AddRange(SessionCheck.Check(lived));
        violations.AddRange(LossCheck.Check(lived));
        violations.AddRange(wait?.Check(lived) ?? []);
        violations.AddRange(ReplicaCheck.Check(watch.Digests));
        var told = await CompareAsync(cluster, lived);
        var journals = await JournalCheck.CheckAsync(cluster);
        violations.AddRange(journals.Violations);
        violations.AddRange(EndedByThemselves(cluster));
        var logs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in cluster.Nodes)
        {
            logs[node.Name] = await node.LogAsync();
        }

        foreach (var process in library.Processes)
        {
            logs[process.Name] = process.Log;
        }

        return new Verdict(options, clock.Now, lived, notes.Blows, leftOut, watch.Samples, ReplicaCheck.Compared(watch.Digests), told, journals.Proven, [.. violations.Distinct()], logs);
    }

    private static async Task StartAsync(ICluster cluster)
    {
        try
        {
            await cluster.StartAsync();
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            var ended = cluster.Nodes.Where(node => !node.IsRunning).Select(node => $"{node.Name}: {node.LastWords}");
            throw new CannotStartException($"The cluster could not be started: {e.Message} {string.Join("; ", ended)}");
        }
    }

    /// <summary>From the first request to the last; returns how the time of calm is judged, if there was one.</summary>
    private async Task<WaitCheck?> LiveAsync(ICluster cluster, Clientele library, IReadOnlyList<IInjector> injectors, Watch watch)
    {
        using var stop = new CancellationTokenSource();
        var watching = watch.RunAsync(stop.Token);
        library.Start();
        var clients = Enumerable.Range(0, options.Clients)
            .Select(i => Task.Run(() => i % ResumingEach == 0
                ? new ResumingClient(i, cluster, HashCode(i), clock, notes.Add).RunAsync(stop.Token)
                : new Client(i, cluster, HashCode(i), clock, notes.Add).RunAsync(stop.Token)))
            .ToArray();
        var runMs = options.Minutes * 60_000;
        try
        {
            await new Striker(cluster, injectors, clock, notes.Add).RunAsync(Schedule.Make(options.Seed, options.Nodes, runMs, options.Faults));
        }
        catch (TimeoutException e)
        {
            violations.Add(new Violation("what was struck can be healed", e.Message));
        }

        WaitCheck? wait = null;
        if (await IsWholeAsync(cluster))
        {
            var calmFrom = clock.Now;
            Notes.Say(calmFrom, $"no more blows, and the cluster is whole");
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(CalmMs, runMs - calmFrom)));
            wait = new WaitCheck(calmFrom, clock.Now, GrantBoundMs);
        }

        await stop.CancelAsync();
        await Task.WhenAll([.. clients, library.EndAsync(notes.Add, violations.Add)]);
        violations.AddRange(await FreeCheck.CheckAsync(cluster));
        await watching;
        return wait;
    }

    private static IEnumerable<Violation> EndedByThemselves(ICluster cluster) =>
        from node in cluster.Nodes
        where !node.IsRunning
        select new Violation("nodes go on", $"{node.Name} ended by itself with {node.LastWords}");

    private async Task<bool> IsWholeAsync(ICluster cluster)
    {
        var ended = EndedByThemselves(cluster).ToArray();
        violations.AddRange(ended);
        var isWhole = ended.Length == 0 && await cluster.BecomesWholeAsync(WholeBound);
        if (ended.Length == 0 && !isWhole)
        {
            violations.Add(new Violation("the cluster becomes whole", $"not all nodes were ready {WholeBound.TotalSeconds:F0} s after the last blow"));
        }

        return isWhole;
    }

    /// <summary>Compares what clients were told with what the cluster tells; returns how many events that were.</summary>
    private async Task<int> CompareAsync(ICluster cluster, IReadOnlyList<History.Request> lived)
    {
        try
        {
            var views = await Task.WhenAll(cluster.Nodes.Select(node => node.Http.ClusterAsync()));
            var told = await ToldHistory.ReadAsync(cluster, Mix.AllNamespaces, views.Max(view => view?.AppliedIndex ?? 0));
            if (!told.HasGaps)
            {
                violations.AddRange(AcknowledgedCheck.Check(lived, told.Events));
            }

            return told.Events.Count;
        }
        catch (TimeoutException e)
        {
            violations.Add(new Violation("the history can be read", e.Message));
            return 0;
        }
    }

    // HashCode.Combine differs from process to process.
    private int HashCode(int client) => unchecked((options.Seed * 7919) + client);
}
