// One run: a cluster, clients at work, faults by schedule; then calm, in which all must go well again; then the
// checkers check what was recorded.
using System.Globalization;
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.History;
using RaftLocks.Chaos.Testbed;
using RaftLocks.Chaos.Workload;

namespace RaftLocks.Chaos;

/// <summary>There was no cluster to inject faults into.</summary>
internal sealed class CannotStartException(string message) : Exception(message);

/// <summary>A run.</summary>
internal sealed class ChaosRun(Options options)
{
    // One client of so many has a session, and comes back for what it has.
    private const int ResumingEach = 4;

    // Processes of clients that use the .NET library.
    private const int LibraryProcesses = 2;
    private const int ShownSilences = 5;
    private const double CalmMs = 13_000;
    private const double GrantBoundMs = 10_000;
    private static readonly TimeSpan WholeBound = TimeSpan.FromSeconds(60);

    private readonly Clock clock = new();
    private readonly Recorder recorder = new();
    private readonly List<Violation> violations = [];
    private double probedUntil;

    /// <summary>Runs the schedule and the checkers.</summary>
    public async Task<Verdict> RunAsync()
    {
        await using var cluster = options.MakeCluster();
        await StartAsync(cluster);
        clock.Start();
        Recorder.Say(clock.Now, $"{cluster.Nodes.Count} nodes are ready, {options.Clients} clients begin");
        var watch = new Watch(cluster, clock, () => recorder.Grants);
        var number = Path.GetTempFileName();
        await File.WriteAllTextAsync(number, "0");
        await using var library = new ClientFleet(
            Enumerable
                .Range(0, LibraryProcesses)
                .Select(i => new LibraryClients(
                    options.Clients + (i * LibraryClients.Each),
                    cluster,
                    options.Seed,
                    clock,
                    options.Counters,
                    number
                ))
        );

        // A process that is frozen between its look at the lock and its write may write too late: no lock can prevent
        // that.
        IInjector[] injectors =
        [
            .. cluster.Injectors(options.Seed, violations.Add),
            .. options.Counters > 0 ? [] : new IInjector[] { new ClientFaults(library.Processes) },
        ];
        var leftOut = options.Faults.Except(injectors.SelectMany(injector => injector.Kinds)).ToArray();
        if (leftOut.Length > 0)
        {
            Recorder.Say(
                clock.Now,
                $"left out, for this machine or this kind of cluster can't play them: {string.Join(", ", leftOut)}"
            );
        }

        var stalls = new StallWatch(clock);
        var wait = await LiveAsync(cluster, library, injectors, watch, stalls);
        await watch.LookAsync();

        var history = recorder.Requests;
        Recorder.Say(clock.Now, $"the end; {history.Length} requests are checked");
        violations.AddRange(OrderCheck.Check(history, options.FollowersForward));
        violations.AddRange(IdCheck.Check(history));
        violations.AddRange(SessionCheck.Check(history));
        violations.AddRange(LossCheck.Check(history));
        violations.AddRange(wait?.Check(history) ?? []);
        violations.AddRange(ReplicaCheck.Check(watch.Digests));
        violations.AddRange(await CountedAsync(library, number));
        var told = await CompareAsync(cluster, history);
        var queues = new QueueHistory(recorder.Attempts, recorder.Readings, recorder.Revocations);
        var checkedHistories = LinearizabilityCheck.Check(
            NamespaceHistory.Of(queues.Attempts, queues.Readings, queues.Revocations, await MarkedAsync(cluster))
        );
        violations.AddRange(LinearizabilityCheck.Violations(checkedHistories));
        var availability = new AvailabilityCheck(options.Nodes, options.AvailabilityBoundS * 1_000);
        violations.AddRange(availability.Check(recorder.Probes, recorder.Impairments, stalls.Stalls, 0, probedUntil));
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

        return new Verdict(
            options,
            clock.Now,
            history,
            recorder.InjectedFaults,
            leftOut,
            watch.Samples,
            ReplicaCheck.Compared(watch.Digests),
            told,
            journals.Proven,
            [.. violations.Distinct()],
            logs
        )
        {
            Queues = queues,
            Checked = checkedHistories,
            Silences =
            [
                .. availability
                    .Silences(recorder.Probes, recorder.Impairments, stalls.Stalls, 0, probedUntil)
                    .OrderByDescending(silence => silence.Ms)
                    .Take(ShownSilences),
            ],
            Stalls = stalls.Stalls,
        };
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

    /// <summary>From the first request to the last; returns how the time of calm is checked, if there was
    /// one.</summary>
    private async Task<WaitCheck?> LiveAsync(
        ICluster cluster,
        ClientFleet library,
        IReadOnlyList<IInjector> injectors,
        Watch watch,
        StallWatch stalls
    )
    {
        using var stop = new CancellationTokenSource();
        var watching = Task.WhenAll(watch.RunAsync(stop.Token), stalls.RunAsync(stop.Token));
        using var queues = new QueueWork(cluster, recorder, clock, options.Seed);
        var queueing = queues.RunAsync(stop.Token);
        library.Start();
        var clients = Enumerable
            .Range(0, options.Clients)
            .Select(i =>
                Task.Run(() =>
                    i % ResumingEach == 0
                        ? new ResumingClient(i, cluster, HashCode(i), clock, recorder.Add).RunAsync(stop.Token)
                        : new Client(i, cluster, HashCode(i), clock, recorder.Add).RunAsync(stop.Token)
                )
            )
            .ToArray();
        var runMs = options.Minutes * 60_000;
        try
        {
            await new FaultInjector(cluster, injectors, clock, recorder.Add, recorder.Add).RunAsync(
                Schedule.Make(options.Seed, options.Nodes, runMs, options.Faults),
                runMs
            );
        }
        catch (TimeoutException e)
        {
            violations.Add(new Violation("what was struck can be healed", e.Message));
        }

        WaitCheck? wait = null;
        if (await IsWholeAsync(cluster))
        {
            var calmFrom = clock.Now;
            Recorder.Say(calmFrom, $"no more faults, and the cluster is whole");
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(CalmMs, runMs - calmFrom)));
            wait = new WaitCheck(calmFrom, clock.Now, GrantBoundMs);
        }

        probedUntil = clock.Now;
        await stop.CancelAsync();
        await Task.WhenAll([.. clients, queueing, library.EndAsync(recorder.Add, violations.Add)]);
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
            violations.Add(
                new Violation(
                    "the cluster becomes whole",
                    $"not all nodes were ready {WholeBound.TotalSeconds:F0} s after the last fault"
                )
            );
        }

        return isWhole;
    }

    /// <summary>Checks what the counting workers did together.</summary>
    private async Task<IEnumerable<Violation>> CountedAsync(ClientFleet library, string number)
    {
        var reports = (await Task.WhenAll(library.Processes.Select(process => process.CountsAsync())))
            .OfType<CountReport>()
            .ToArray();
        var counted = long.Parse(await File.ReadAllTextAsync(number), CultureInfo.InvariantCulture);
        File.Delete(number);
        if (options.Counters == 0)
        {
            return [];
        }

        var longest = reports
            .SelectMany(report => report.LongWaits)
            .Select(wait => wait.ToMs - wait.FromMs)
            .DefaultIfEmpty()
            .Max();
        Recorder.Say(
            clock.Now,
            $"{reports.Length} processes added {reports.Sum(report => report.Increments)} to a number, which is ",
            $"{counted}; locks lost before a write: {reports.Sum(report => report.Lost)}; longest wait ",
            $"{longest:F0} ms"
        );
        return CountCheck.Check(reports, counted, recorder.Impairments);
    }

    /// <summary>
    /// Compares what clients were told with the history of the cluster; returns the number of events.
    /// </summary>
    private async Task<int> CompareAsync(ICluster cluster, IReadOnlyList<History.Request> history)
    {
        try
        {
            var views = await Task.WhenAll(cluster.Nodes.Select(node => node.Http.ClusterAsync()));
            var told = await ReportedHistory.ReadAsync(
                cluster,
                Mix.AllNamespaces,
                views.Max(view => view?.AppliedIndex ?? 0)
            );
            if (!told.HasGaps)
            {
                violations.AddRange(AcknowledgedCheck.Check(history, told.Events));
            }

            return told.Events.Count;
        }
        catch (TimeoutException e)
        {
            violations.Add(new Violation("the history can be read", e.Message));
            return 0;
        }
    }

    /// <summary>
    /// The ids that the cluster's own history has of the requests that are checked as a whole, by their marks; null if
    /// it is not complete.
    /// </summary>
    private static async Task<IReadOnlyDictionary<string, ulong>?> MarkedAsync(ICluster cluster)
    {
        try
        {
            var views = await Task.WhenAll(cluster.Nodes.Select(node => node.Http.ClusterAsync()));
            var told = await ReportedHistory.ReadAsync(
                cluster,
                QueueMix.AllNamespaces,
                views.Max(view => view?.AppliedIndex ?? 0)
            );
            return told.HasGaps ? null : told.Ids;
        }
        catch (TimeoutException)
        {
            // The violation is reported where the rest of the history is read.
            return null;
        }
    }

    // HashCode.Combine differs from process to process.
    private int HashCode(int client) => unchecked((options.Seed * 7919) + client);
}
