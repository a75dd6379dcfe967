// Data that is lost or damaged. The node must refuse it and end, for it can't trust its vote and what it acknowledged;
// then an operator replaces it. Only ever one at a time, and only while the cluster is whole: two of three lost for
// good are more than is promised.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Testbed;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Faults;

/// <summary>Wipes and damages data folders.</summary>
internal sealed class DataFaults(ProcessCluster cluster, int seed, Action<Violation> report) : IInjector
{
    private const int CouldNotStart = 1;
    private const int Halted = 70;
    private static readonly TimeSpan WholeBound = TimeSpan.FromSeconds(60);

    // This bound is no promise: a busy machine takes long to start a node that checks its data.
    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(3);

    private readonly Random random = new(seed);
    private readonly Operator replacing = new(cluster);
    private string? harm;

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfData;

    /// <inheritdoc/>
    public async Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        harm = null;
        if (await cluster.BecomesWholeAsync(WholeBound))
        {
            var node = cluster.Processes[nodes[0]];
            await node.KillAsync();
            harm = kind == FaultKind.Wipe ? Wipe(node) : new FolderDamage(random).Inflict(cluster.DataOf(node));
            await node.StartAsync();
        }
    }

    /// <inheritdoc/>
    public async Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        var node = cluster.Processes[nodes[0]];
        if (harm is null)
        {
            return "left out: the cluster was not whole";
        }

        await Eventually.HoldsAsync(
            $"{node.Name} ends or is ready",
            StartBound,
            async () => !node.IsRunning || await node.Http.IsReadyAsync()
        );
        if (node.IsRunning)
        {
            if (kind == FaultKind.Wipe)
            {
                report(new Violation("a stranger is not let in", $"{node.Name} was wiped, started, and served"));
            }

            return harm + ": changed nothing";
        }

        if (node.Process.ExitCode is not (Halted or CouldNotStart))
        {
            report(new Violation("damage is refused", $"{harm}: {node.Name} ended with {node.LastWords}"));
        }

        var code = node.Process.ExitCode;
        await replacing.ReplaceAsync(node);
        return $"{harm}: refused with code {code}, replaced";
    }

    private string Wipe(ProcessNode node)
    {
        cluster.Wipe(node);
        return "wiped";
    }
}
