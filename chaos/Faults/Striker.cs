// Carries out a schedule on a cluster of processes, and leaves it whole.
using RaftLocks.Chaos.Workload;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Faults;

/// <summary>Strikes and heals.</summary>
internal sealed class Striker(LocalCluster cluster, Clock clock, Action<double, double, string> done)
{
    private static readonly TimeSpan ExitBound = TimeSpan.FromSeconds(30);

    /// <summary>Plays the schedule to its end.</summary>
    public async Task RunAsync(IReadOnlyList<Fault> schedule)
    {
        foreach (var fault in schedule)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, fault.AtMs - clock.Now)));
            var targets = await TargetsAsync(fault);
            var from = clock.Now;
            await Task.WhenAll(targets.Select(node => StrikeAsync(node, fault.Kind)));
            await Task.Delay(TimeSpan.FromMilliseconds(fault.ForMs));
            foreach (var node in targets)
            {
                Heal(node);
            }

            done(from, clock.Now, $"{fault.Kind} {string.Join(", ", targets.Select(node => node.Name))}");
        }
    }

    private async Task<List<NodeProcess>> TargetsAsync(Fault fault)
    {
        var targets = new List<NodeProcess>();
        foreach (var number in fault.Nodes)
        {
            var node = number == Fault.Leader ? await LeaderAsync() : cluster.Nodes[number];
            if (node is { IsRunning: true, IsFrozen: false })
            {
                targets.Add(node);
            }
        }

        return targets;
    }

    private async Task<NodeProcess?> LeaderAsync()
    {
        foreach (var node in cluster.Running)
        {
            if (await node.Http.ClusterAsync() is { Role: "leader" })
            {
                return node;
            }
        }

        return null;
    }

    private static async Task StrikeAsync(NodeProcess node, FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.Kill:
                await node.KillAsync();
                break;
            case FaultKind.Restart:
                node.Terminate();
                await node.WaitForExitAsync(ExitBound);
                break;
            case FaultKind.Freeze:
                await node.FreezeAsync();
                break;
            default:
                throw new InvalidOperationException($"{kind} is no fault of processes");
        }
    }

    private static void Heal(NodeProcess node)
    {
        if (node.IsFrozen)
        {
            node.Thaw();
        }
        else if (!node.IsRunning)
        {
            node.Start();
        }
    }
}
