// Disks that are full, fail, or are slow, by a library between a node and its files (chaos/shims). A node that can't write what it promises ends and says
// so; when its disk is well again it is started again, and has all that it ever acknowledged.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Stage;

namespace RaftLocks.Chaos.Faults;

/// <summary>Faults of disks.</summary>
internal sealed class DiskFaults(ProcessCluster cluster, int seed, Action<Violation> report) : IInjector
{
    // Several flushes a round of replication: this is a disk that needs a second opinion, not one that is dead.
    private const int SlowMs = 60;
    private const int CouldNotStart = 1;
    private const int LastOrderlyCode = 79;
    private const int FirstOrderlyCode = 70;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(4);

    private readonly Random random = new(seed);

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfDisks;

    /// <inheritdoc/>
    public Task StrikeAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        var failsFlushes = random.Next(2) == 0;
        foreach (var disk in nodes.Select(node => cluster.DiskOf(cluster.Processes[node])))
        {
            switch (kind)
            {
                case FaultKind.DiskFull:
                    disk.Fill();
                    break;
                case FaultKind.DiskReadOnly:
                    disk.MakeReadOnly();
                    break;
                case FaultKind.DiskSlow:
                    disk.SlowDown(SlowMs);
                    break;
                default:
                    Action fail = failsFlushes ? () => disk.FailFlushes() : () => disk.FailWrites();
                    fail();
                    break;
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        var notes = new List<string>();
        foreach (var node in nodes.Select(node => cluster.Processes[node]))
        {
            cluster.DiskOf(node).Mend();
            if (kind != FaultKind.DiskSlow && await EndsAsync(node))
            {
                notes.Add($"{node.Name} had ended with code {node.Process.ExitCode}");
                if (node.Process.ExitCode is not (CouldNotStart or (>= FirstOrderlyCode and <= LastOrderlyCode)))
                {
                    report(new Violation("a failing disk ends a node in order", $"{node.Name} under {kind} ended with {node.LastWords}"));
                }

                await node.StartAsync();
            }
        }

        return notes.Count == 0 ? null : string.Join("; ", notes);
    }

    // A node says farewell to its clients before it ends; one that was not hit, or could go on, is still ready after that time.
    private static async Task<bool> EndsAsync(ProcessNode node)
    {
        using var patience = new CancellationTokenSource(Bound);
        var farewell = Task.Delay(Farewell, CancellationToken.None);
        while (node.IsRunning && !patience.IsCancellationRequested && !(farewell.IsCompleted && await node.Http.IsReadyAsync()))
        {
            await Task.Delay(100, CancellationToken.None);
        }

        return !node.IsRunning;
    }
}
