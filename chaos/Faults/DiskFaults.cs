// Disks that are full, fail, or are slow, by a library between a node and its files (chaos/shims). A node that can't
// write what it promises ends and says so; when its disk is well again it is started again, and has all that it ever
// acknowledged.
using System.Diagnostics;
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Testbed;

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
    private static readonly TimeSpan CloseFrameTime = TimeSpan.FromSeconds(4);

    // What a node writes, by a part of its path; the whole disk twice as often.
    private static readonly string[] HungParts = ["", "", "/log/", "/vote", "/members", "/snapshots/"];

    // A node whose writes of the log don't come back ends by itself; the rest is for a busy machine.
    private const double HungEndMs = 10_000 + 5_000;

    private readonly Random random = new(seed);
    private string hungPart = "";
    private long hungAt;

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfDisks;

    /// <inheritdoc/>
    public Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        var failsFlushes = random.Next(2) == 0;
        if (kind == FaultKind.DiskHang)
        {
            hungPart = HungParts[random.Next(HungParts.Length)];
            hungAt = Stopwatch.GetTimestamp();
        }

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
                case FaultKind.DiskHang:
                    disk.Hang(hungPart);
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
        var recorder = new List<string>();
        var hungMs = Stopwatch.GetElapsedTime(hungAt).TotalMilliseconds;
        if (kind == FaultKind.DiskHang)
        {
            recorder.Add(hungPart.Length == 0 ? "all of it" : hungPart.Trim('/'));
        }

        foreach (var node in nodes.Select(node => cluster.Processes[node]))
        {
            if (kind == FaultKind.DiskHang && hungMs > HungEndMs && hungPart.Length == 0 && node.IsRunning)
            {
                report(
                    new Violation(
                        "a node whose disk hangs ends",
                        FormattableString.Invariant(
                            $"{node.Name} still ran {hungMs / 1000:F1} s after its disk began to hang"
                        )
                    )
                );
            }

            cluster.DiskOf(node).Mend();
            if (kind != FaultKind.DiskSlow && await EndsAsync(node))
            {
                recorder.Add($"{node.Name} had ended with code {node.Process.ExitCode}");
                if (node.Process.ExitCode is not (CouldNotStart or (>= FirstOrderlyCode and <= LastOrderlyCode)))
                {
                    report(
                        new Violation(
                            "a failing disk ends a node in order",
                            $"{node.Name} under {kind} ended with {node.LastWords}"
                        )
                    );
                }

                await node.StartAsync();
            }
        }

        return recorder.Count == 0 ? null : string.Join("; ", recorder);
    }

    // A node closes its clients' connections before it ends; one that was not hit, or could go on, is still ready after
    // that time.
    private static async Task<bool> EndsAsync(ProcessNode node)
    {
        using var timeout = new CancellationTokenSource(Bound);
        var closing = Task.Delay(CloseFrameTime, CancellationToken.None);
        while (
            node.IsRunning
            && !timeout.IsCancellationRequested
            && !(closing.IsCompleted && await node.Http.IsReadyAsync())
        )
        {
            await Task.Delay(100, CancellationToken.None);
        }

        return !node.IsRunning;
    }
}
