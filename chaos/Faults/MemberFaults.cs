// Changes of the membership, as an operator makes them, of nodes that live: removed and added anew, one or two in a
// row, while another node's disk is slow. A node that is removed ends by itself and says so with code 70.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Testbed;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Faults;

/// <summary>Removes and adds members.</summary>
internal sealed class MemberFaults(ProcessCluster cluster, int seed, Action<Violation> report) : IInjector
{
    private const int Halted = 70;
    private const int SlowMs = 120;
    private static readonly TimeSpan WholeBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(60);

    private readonly Random random = new(seed);
    private readonly Operator admin = new(cluster);
    private readonly List<ProcessNode> removed = [];
    private ProcessNode? slow;
    private bool isLeftOut;

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfMembers;

    /// <inheritdoc/>
    public async Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        removed.Clear();
        isLeftOut = !await cluster.BecomesWholeAsync(WholeBound);
        if (isLeftOut)
        {
            return;
        }

        SlowDownOther(nodes);
        foreach (var node in nodes.Select(node => cluster.Processes[node]))
        {
            await admin.RemoveAsync(node);
            removed.Add(node);
            if (kind == FaultKind.MemberReplace)
            {
                await AddAsync(node);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        if (isLeftOut)
        {
            return "left out: the cluster was not whole";
        }

        foreach (var node in kind == FaultKind.MemberReplace ? [] : removed)
        {
            await AddAsync(node);
        }

        if (slow is not null)
        {
            cluster.DiskOf(slow).Mend();
        }

        return $"{string.Join(", ", removed.Select(node => node.Name))} removed and added "
            + $"anew{(slow is null ? "" : $", while the disk of {slow.Name} was slow")}";
    }

    // Sometimes, for then it applies late what the others have agreed upon.
    private void SlowDownOther(IReadOnlyList<int> nodes)
    {
        var others = Enumerable.Range(0, cluster.Processes.Count).Except(nodes).ToArray();
        slow =
            Shims.CanBuild && others.Length > 0 && random.Next(2) == 0
                ? cluster.Processes[others[random.Next(others.Length)]]
                : null;
        if (slow is not null)
        {
            cluster.DiskOf(slow).SlowDown(SlowMs);
        }
    }

    private async Task AddAsync(ProcessNode node)
    {
        await EndsAsync(node);
        await admin.AddAsync(node);
    }

    private async Task EndsAsync(ProcessNode node)
    {
        try
        {
            await node.Process.WaitForExitAsync(EndBound);
        }
        catch (TimeoutException)
        {
            report(
                new Violation(
                    "a removed member ends",
                    $"{node.Name} still ran {EndBound.TotalSeconds:F0} s after it was removed"
                )
            );
            await node.KillAsync();
            return;
        }

        if (node.Process.ExitCode != Halted)
        {
            report(new Violation("a removed member ends", $"{node.Name} ended with {node.LastWords}"));
        }
    }
}
