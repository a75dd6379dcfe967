// One run: a cluster of processes, clients at work, blows by schedule; then all is healed, and the checkers judge what was lived through.
using System.Globalization;
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.History;
using RaftLocks.Chaos.Workload;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos;

/// <summary>What came of a run.</summary>
internal sealed record Verdict(
    int Seed,
    double Ms,
    IReadOnlyList<Request> History,
    IReadOnlyList<(double FromMs, double ToMs, string What)> Blows,
    IReadOnlyList<Sample> Samples,
    int ComparedIndexes,
    IReadOnlyList<Violation> Violations);

/// <summary>A run.</summary>
internal sealed record ChaosRun(double Minutes, int Seed, int Clients)
{
    private const int Nodes = 3;
    private static readonly TimeSpan WholeBound = TimeSpan.FromSeconds(60);

    // When the last client has gone, its lock is free after its abandon timeout, or, after an election, after the bound within which a
    // deposed leader gives up; the rest is patience with a busy machine.
    private static readonly TimeSpan FreeBound = TimeSpan.FromMilliseconds(Mix.LongestAbandonTimeoutMs) + TimeSpan.FromSeconds(30);

    /// <summary>Runs and judges.</summary>
    public async Task<Verdict> RunAsync()
    {
        await using var cluster = new LocalCluster(Nodes);
        await cluster.StartAsync();
        var clock = new Clock();
        var history = new List<Request>();
        var blows = new List<(double, double, string)>();
        var violations = new List<Violation>();
        var watch = new Watch(cluster, clock, () => Grants(history));
        using var stop = new CancellationTokenSource();
        var watching = watch.RunAsync(stop.Token);
        var clients = Enumerable.Range(0, Clients)
            .Select(i => new Client(i, cluster, HashCode.Combine(Seed, i), clock, request => Add(history, request)))
            .Select(client => Task.Run(() => client.RunAsync(stop.Token)))
            .ToArray();
        var runMs = Minutes * 60_000;
        var striker = new Striker(cluster, clock, (from, to, what) =>
        {
            blows.Add((from, to, what));
            Console.Error.WriteLine(FormattableString.Invariant($"{to / 1000,7:F1} s  {what}; {Grants(history)} grants so far"));
        });
        await striker.RunAsync(Schedule.Make(Seed, Nodes, runMs));
        await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, runMs - clock.Now)));

        violations.AddRange(await BecomesWholeAsync(cluster));
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        violations.AddRange(await EverythingGetsFreeAsync(cluster));
        await watching;
        await watch.LookAsync();

        Request[] lived;
        lock (history)
        {
            lived = [.. history];
        }

        violations.AddRange(OrderCheck.Check(lived));
        violations.AddRange(IdCheck.Check(lived));
        violations.AddRange(ReplicaCheck.Check(watch.Digests));
        violations.AddRange(await JournalCheck.CheckAsync(cluster));
        return new Verdict(Seed, clock.Now, lived, blows, watch.Samples, ReplicaCheck.Compared(watch.Digests), violations);
    }

    private static void Add(List<Request> history, Request request)
    {
        lock (history)
        {
            history.Add(request);
        }
    }

    private static int Grants(List<Request> history)
    {
        lock (history)
        {
            return history.Count(request => request.AcquiredAt is not null);
        }
    }

    private static async Task<IEnumerable<Violation>> BecomesWholeAsync(LocalCluster cluster)
    {
        var ended = cluster.Nodes.Where(node => !node.IsRunning).ToArray();
        if (ended.Length > 0)
        {
            return ended.Select(node => new Violation(
                "nodes go on", $"{node.Name} ended by itself with code {node.ExitCode}: {string.Join(" / ", node.Log.Split('\n').TakeLast(3))}"));
        }

        using var patience = new CancellationTokenSource(WholeBound);
        while (!patience.IsCancellationRequested)
        {
            var ready = await Task.WhenAll(cluster.Nodes.Select(node => node.Http.IsReadyAsync()));
            if (ready.All(yes => yes))
            {
                return [];
            }

            await Task.Delay(100, CancellationToken.None);
        }

        return [new Violation("the cluster becomes whole", $"not all nodes were ready {WholeBound.TotalSeconds:F0} s after the last blow")];
    }

    /// <summary>Nobody works any more: the whole of each namespace can be locked, whatever was left behind.</summary>
    private static async Task<IEnumerable<Violation>> EverythingGetsFreeAsync(LocalCluster cluster)
    {
        var violations = new List<Violation>();
        foreach (var ns in Mix.AllNamespaces)
        {
            try
            {
                await using var probe = await WireClient.ConnectAsync(cluster, ns, abandonTimeoutMs: 0);
                var reply = await probe.LockAsync(Mix.Everything);
                if (reply.State != "acquired")
                {
                    await probe.NextAsync(FreeBound);
                }

                await probe.ReleaseAsync();
            }
            catch (Exception e) when (e is TimeoutException or ConnectionEndedException)
            {
                violations.Add(new Violation("nobody waits for ever", string.Create(CultureInfo.InvariantCulture, $"everything in {ns} was not free after {FreeBound.TotalSeconds:F0} s: {e.Message}")));
            }
        }

        return violations;
    }
}
