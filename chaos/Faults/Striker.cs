// Carries out a schedule on a cluster, and leaves it whole.
using RaftLocks.Chaos.Stage;
using RaftLocks.Chaos.Workload;

namespace RaftLocks.Chaos.Faults;

/// <summary>A blow that fell.</summary>
internal sealed record Blow(double FromMs, double ToMs, FaultKind Kind, string Nodes, string? Note)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Nodes}{(Note is null ? "" : $" ({Note})")}";
}

/// <summary>Strikes and heals.</summary>
internal sealed class Striker(ICluster cluster, IReadOnlyList<IInjector> injectors, Clock clock, Action<Blow> done)
{
    // Nodes that a blow to processes or data has fallen on and that were not healed since: nothing else may start or end them.
    private readonly HashSet<int> struck = [];

    /// <summary>Plays the schedule to its end, or until a node has ended by itself.</summary>
    public async Task RunAsync(IReadOnlyList<Round> schedule)
    {
        foreach (var round in schedule)
        {
            await Until(round.AtMs);
            if (cluster.Nodes.Any(node => !node.IsRunning))
            {
                return;
            }

            var startedAt = clock.Now;
            await Task.WhenAll(round.Faults.Select(fault => PlayAsync(fault, startedAt)));
        }
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
        await injector.StrikeAsync(fault.Kind, targets);
        await Task.Delay(TimeSpan.FromMilliseconds(fault.ForMs));
        var note = await injector.HealAsync(fault.Kind, targets);
        Unclaim(fault.Kind, targets);
        done(new Blow(from, clock.Now, fault.Kind, string.Join(", ", targets.Select(node => cluster.Nodes[node].Name)), note));
    }

    private async Task<IEnumerable<int>> TargetsAsync(Fault fault)
    {
        var leader = fault.Nodes.Contains(Fault.Leader) ? await cluster.LeaderAsync() : null;
        var targets = fault.Nodes.Select(node => node == Fault.Leader ? leader : node).OfType<int>();

        return fault.Kind.StopsNodes() ? Claim(targets) : targets;
    }

    private int[] Claim(IEnumerable<int> nodes)
    {
        lock (struck)
        {
            return [.. nodes.Where(struck.Add)];
        }
    }

    private void Unclaim(FaultKind kind, IEnumerable<int> nodes)
    {
        lock (struck)
        {
            if (kind.StopsNodes())
            {
                struck.ExceptWith(nodes);
            }
        }
    }

    private Task Until(double atMs) => Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, atMs - clock.Now)));
}
