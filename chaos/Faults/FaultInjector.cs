// Carries out a schedule on a cluster, and leaves it whole.
using RaftLocks.Chaos.Testbed;
using RaftLocks.Chaos.Workload;

namespace RaftLocks.Chaos.Faults;

/// <summary>A fault that was injected.</summary>
internal sealed record InjectedFault(double FromMs, double ToMs, FaultKind Kind, string Nodes, string? Note)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Nodes}{(Note is null ? "" : $" ({Note})")}";
}

/// <summary>Injects faults and heals them.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="injectors">The injectors of all kinds of faults.</param>
/// <param name="clock">The clock of the schedule.</param>
/// <param name="begun">Called when a fault begins, as far as it impairs nodes or links; its end is set later.</param>
/// <param name="done">Called when a fault is over.</param>
internal sealed class FaultInjector(
    ICluster cluster,
    IReadOnlyList<IInjector> injectors,
    Clock clock,
    Action<Impairment> begun,
    Action<InjectedFault> done
)
{
    private static readonly TimeSpan ServesBound = TimeSpan.FromSeconds(90);

    // Nodes that a fault of processes or data has hit and that are not healed yet: nothing else may start or end them.
    private readonly HashSet<int> occupied = [];

    // Nodes that were started again, until they serve.
    private readonly List<Task> recovering = [];

    /// <summary>
    /// Plays the schedule to its end, or until the run should be over (some faults take longer than planned), or until
    /// a node has ended by itself.
    /// </summary>
    public async Task RunAsync(IReadOnlyList<Round> schedule, double runMs)
    {
        foreach (var round in schedule.TakeWhile(_ => clock.Now < runMs))
        {
            await Until(round.AtMs);
            if (cluster.Nodes.Any(node => !node.IsRunning))
            {
                return;
            }

            var startedAt = clock.Now;
            await Task.WhenAll(round.Faults.Select(fault => PlayAsync(fault, startedAt)));
        }

        await Task.WhenAll(recovering);
    }

    private async Task PlayAsync(Fault fault, double roundAt)
    {
        if (injectors.FirstOrDefault(known => known.Kinds.Contains(fault.Kind)) is not { } injector)
        {
            return;
        }

        await Until(roundAt + fault.AfterMs);
        var targets = (await TargetsAsync(fault)).ToArray();
        if (targets.Length == 0)
        {
            return;
        }

        var from = clock.Now;
        var impairment = Impairment.Of(fault.Kind, from, targets, cluster.Nodes.Count);
        begun(impairment);
        await injector.InjectAsync(fault.Kind, targets);
        await Task.Delay(TimeSpan.FromMilliseconds(fault.ForMs));
        var note = await injector.HealAsync(fault.Kind, targets);
        Vacate(fault.Kind, targets);
        lock (recovering)
        {
            recovering.Add(RecoverAsync(impairment));
        }

        done(
            new InjectedFault(
                from,
                clock.Now,
                fault.Kind,
                string.Join(", ", targets.Select(node => cluster.Nodes[node].Name)),
                note
            )
        );
    }

    // A node that was started again counts when it answers for itself; a link as soon as it is whole.
    private async Task RecoverAsync(Impairment impairment)
    {
        var healedAt = clock.Now;
        while (clock.Now - healedAt < ServesBound.TotalMilliseconds)
        {
            var views = await Task.WhenAll(impairment.Nodes.Select(node => cluster.Nodes[node].Http.ClusterAsync()));
            if (views.All(view => view is { Role: not "joining" }))
            {
                break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        impairment.ToMs = impairment.Nodes.Count == 0 ? healedAt : clock.Now;
    }

    private async Task<IEnumerable<int>> TargetsAsync(Fault fault)
    {
        var leader = fault.Nodes.Contains(Fault.Leader) ? await cluster.LeaderAsync() : null;
        var targets = fault.Nodes.Select(node => node == Fault.Leader ? leader : node).OfType<int>();

        return fault.Kind.StopsNodes() ? Occupy(targets) : targets;
    }

    private int[] Occupy(IEnumerable<int> nodes)
    {
        lock (occupied)
        {
            return [.. nodes.Where(occupied.Add)];
        }
    }

    private void Vacate(FaultKind kind, IEnumerable<int> nodes)
    {
        lock (occupied)
        {
            if (kind.StopsNodes())
            {
                occupied.ExceptWith(nodes);
            }
        }
    }

    private Task Until(double atMs) => Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, atMs - clock.Now)));
}
