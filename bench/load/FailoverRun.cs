using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using RaftLocks.Cluster;

namespace RaftLocks.Load;

// Starts three nodes, ends the leader again and again, and measures how long it takes until a client that
// tries all the time is granted a new lock. One line of JSON at the end; on stderr a line per round that tells where its time went.

/// <summary>The measurement of fail-over.</summary>
internal sealed record FailoverRun(int Rounds, Signal Signal, string FollowerMode)
{
    // Beyond this, a round's events are told one by one.
    private const double SlowMs = 1_300;
    private const double SlowAttemptMs = 50;

    private static readonly TimeSpan GrantBound = TimeSpan.FromSeconds(60);

    // Until the election, the others still send clients to a frozen leader, which accepts and says nothing.
    private static readonly TimeSpan ConnectBound = TimeSpan.FromMilliseconds(500);
    private readonly List<(string Node, DateTime At, string Line)> _attempts = [];

    /// <summary>Runs all rounds and prints.</summary>
    public async Task RunAsync()
    {
        await using var cluster = new LocalCluster(3, "--follower-mode", FollowerMode);
        cluster.WriteSettings(FailoverPhases.Settings);
        var took = new List<double>(Rounds);
        for (var round = 1; round <= Rounds; round++)
        {
            await cluster.StartAsync();
            var (ms, events) = await MeasureAsync(cluster, round);
            took.Add(ms);
            await Console.Error.WriteLineAsync($"round {round}: {ms:F0} ms: {FailoverPhases.Read(events)?.Describe(ms) ?? "the logs do not tell how"}");
            foreach (var (node, atMs, line) in events.Where(_ => ms > SlowMs))
            {
                await Console.Error.WriteLineAsync($"    {atMs,6:F0} {node} {line}");
            }
        }

        took.Sort();
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            failover = Signal.ToString(),
            rounds = Rounds,
            p50Ms = Math.Round(Percentile(took, 0.50)),
            p99Ms = Math.Round(Percentile(took, 0.99)),
            maxMs = Math.Round(took[^1]),
        }));
    }

    private async Task<(double Ms, List<(string Node, double Ms, string Line)> Events)> MeasureAsync(LocalCluster cluster, int round)
    {
        var leader = await cluster.LeaderAsync();
        // Commit something first: a leadership that has only just begun is not the usual case.
        await using var before = await WireClient.ConnectAsync(leader, "failover");
        await LockAsync(before, $"before-{round}");

        var survivors = cluster.Nodes.Where(node => node != leader).ToArray();
        _attempts.Clear();
        var from = Stopwatch.GetTimestamp();
        var diedAt = DateTime.UtcNow;
        await StrikeAsync(leader);
        if (Signal == Signal.Terminate)
        {
            // A leader that was asked to end serves for a moment longer; that is no fail-over.
            await before.Ended;
        }

        var granted = await Eventually.FindAsync("the first grant by the new leader", GrantBound, () => TryLockAsync(survivors));
        if (leader.IsFrozen)
        {
            await leader.KillAsync();
        }

        await leader.WaitForExitAsync(GrantBound);
        return (Stopwatch.GetElapsedTime(from, granted.ReceivedAt).TotalMilliseconds, FailoverPhases.Events(survivors, diedAt, _attempts));
    }

    private async Task StrikeAsync(NodeProcess leader)
    {
        switch (Signal)
        {
            case Signal.Kill:
                await leader.KillAsync();
                break;
            case Signal.Terminate:
                leader.Terminate();
                break;
            case Signal.Stop:
                await leader.FreezeAsync();
                break;
            default:
                throw new InvalidOperationException($"{Signal} does not end a leadership");
        }
    }

    // Each attempt locks a path of its own: one that was broken off may hold its lock.
    private async Task<Reply?> TryLockAsync(IEnumerable<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            var at = DateTime.UtcNow;
            var what = "the client is granted its lock";
            try
            {
                await using var client = await WireClient.ConnectAsync(node, "failover", bound: ConnectBound);
                return await LockAsync(client, $"attempt-{Guid.NewGuid():N}");
            }
            catch (Exception notYet) when (notYet is HandshakeRefusedException or WebSocketException or ConnectionEndedException or TimeoutException)
            {
                what = notYet.Message;
            }
            finally
            {
                Note(node, at, what);
            }
        }

        return null;
    }

    // The same answer again and again is news only once.
    private void Note(NodeProcess node, DateTime at, string what)
    {
        var tookMs = (DateTime.UtcNow - at).TotalMilliseconds;
        if (tookMs > SlowAttemptMs || _attempts.LastOrDefault(attempt => attempt.Node == node.Name).Line?.Contains(what, StringComparison.Ordinal) != true)
        {
            _attempts.Add((node.Name, at, $"{what} ({tookMs:F0} ms)"));
        }
    }

    private static async Task<Reply> LockAsync(WireClient client, string path)
    {
        var reply = await client.LockAsync(path);
        return string.Equals(reply.State, "acquired", StringComparison.Ordinal) ? reply : await client.NextAsync();
    }

    // The smallest measured value that at least this share of the rounds did not exceed.
    private static double Percentile(List<double> sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
}
