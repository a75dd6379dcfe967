using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using RaftLocks.Cluster;

namespace RaftLocks.Load.Failover;

// Ends the leader of a cluster again and again, and measures how long nobody is acquired a lock. On stderr a line per
// round that tells where its time went; several clusters share the rounds, as an idle one costs little.

/// <summary>The measurement of fail-over for one kind of death.</summary>
internal sealed record FailoverRun(LeaderFailure LeaderFailure, int Size, int Rounds, int Clusters, string FollowerMode)
{
    // Beyond this, a round's events are told one by one.
    private const double SlowMs = 1_300;
    private const double SlowAttemptMs = 50;
    private const int ShownOfLine = 200;

    private static readonly TimeSpan GrantBound = TimeSpan.FromSeconds(60);

    // Until the election, the others still send clients to a frozen leader, which accepts and says nothing.
    private static readonly TimeSpan AnswerBound = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs all rounds, prints one line of JSON, and returns the figures.</summary>
    public async Task<FailoverFigures> RunAsync()
    {
        var next = 0;
        var took = new List<double>(Rounds);
        await Task.WhenAll(
            Enumerable
                .Range(0, Math.Min(Clusters, Rounds))
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        while (Interlocked.Increment(ref next) is var round && round <= Rounds)
                        {
                            await using var cluster = new MeasuredCluster(Size, FollowerMode);
                            do
                            {
                                var ms = await MeasureAsync(cluster, round);
                                lock (took)
                                {
                                    took.Add(ms);
                                }
                            } while (
                                !LeaderFailure.ChangesMembers() && (round = Interlocked.Increment(ref next)) <= Rounds
                            );
                        }
                    })
                )
        );

        var figures = FailoverFigures.Of(this, took);
        Console.WriteLine(JsonSerializer.Serialize(figures, JsonSerializerOptions.Web));
        return figures;
    }

    private async Task<double> MeasureAsync(MeasuredCluster cluster, int round)
    {
        await cluster.Nodes.StartAsync();
        var leader = await cluster.Nodes.LeaderAsync();

        // Commit something first: a leadership that has only just begun is not the usual case.
        await using (var before = await WireClient.ConnectAsync(leader, "failover"))
        {
            await LockAsync(before, $"before-{round}", GrantBound);
        }

        await using var strike = new FailureInjection(cluster.Nodes, leader, LeaderFailure, cluster.DiskOf(leader));
        await strike.PrepareAsync();
        var attempts = new List<(string Node, DateTime At, string Line)>();
        var from = Stopwatch.GetTimestamp();
        var diedAt = DateTime.UtcNow;
        await strike.FallAsync();

        // Some leaders serve for a while yet. What counts is the longest time without a grant until another leads.
        var longest = 0.0;
        var struckAt = Stopwatch.GetTimestamp();
        do
        {
            if (Stopwatch.GetElapsedTime(struckAt) > GrantBound)
            {
                throw new TimeoutException(
                    $"Nobody else leads {GrantBound.TotalSeconds:F0} s after {LeaderFailure}:\n{leader.Log}"
                );
            }

            var granted = await Eventually.FindAsync(
                $"a grant after {LeaderFailure}",
                GrantBound,
                () => LockWithinAsync(strike.Survivors, attempts)
            );
            longest = Math.Max(longest, Stopwatch.GetElapsedTime(from, granted.ReceivedAt).TotalMilliseconds);
            from = granted.ReceivedAt;
        } while (!await AnyLeadsAsync(cluster.Nodes.Running.Where(node => node != leader)));

        var events = FailoverPhases.Events(strike.Survivors, diedAt, attempts);
        await Console.Error.WriteLineAsync(
            $"{LeaderFailure} of {Size}, round {round}: {longest:F0} ms: "
                + $"{FailoverPhases.Read(events)?.Describe(longest) ?? "the logs do not tell how"}"
        );
        foreach (var (node, atMs, line) in events.Where(_ => longest > SlowMs))
        {
            await Console.Error.WriteLineAsync($"    {atMs,6:F0} {node} {line[..Math.Min(line.Length, ShownOfLine)]}");
        }

        await strike.ClearAsync();
        return longest;
    }

    private static async Task<bool> AnyLeadsAsync(IEnumerable<NodeProcess> nodes)
    {
        var views = await Task.WhenAll(nodes.Select(node => node.Http.ClusterAsync()));
        return views.Any(view => view is { Role: "leader" });
    }

    // Each attempt locks a path of its own: one that was interrupted may hold its lock.
    private static async Task<Reply?> LockWithinAsync(
        IReadOnlyList<NodeProcess> nodes,
        List<(string Node, DateTime At, string Line)> attempts
    )
    {
        foreach (var node in nodes)
        {
            var at = DateTime.UtcNow;
            var what = "the client is granted its lock";
            try
            {
                await using var client = await WireClient.ConnectAsync(node, "failover", bound: AnswerBound);
                return await LockAsync(client, $"attempt-{Guid.NewGuid():N}", AnswerBound);
            }
            catch (Exception notYet)
                when (notYet
                        is HandshakeRefusedException
                            or WebSocketException
                            or ConnectionEndedException
                            or TimeoutException
                )
            {
                what = notYet.Message;
            }
            finally
            {
                Note(attempts, node, at, what);
            }
        }

        return null;
    }

    // The same answer again and again is news only once.
    private static void Note(
        List<(string Node, DateTime At, string Line)> attempts,
        NodeProcess node,
        DateTime at,
        string what
    )
    {
        var tookMs = (DateTime.UtcNow - at).TotalMilliseconds;
        if (
            tookMs > SlowAttemptMs
            || attempts
                .LastOrDefault(attempt => attempt.Node == node.Name)
                .Line?.Contains(what, StringComparison.Ordinal) != true
        )
        {
            attempts.Add((node.Name, at, $"{what} ({tookMs:F0} ms)"));
        }
    }

    private static async Task<Reply> LockAsync(WireClient client, string path, TimeSpan bound)
    {
        await client.SendLockAsync(path);
        var reply = await client.NextAsync(bound);
        return string.Equals(reply.State, "acquired", StringComparison.Ordinal) ? reply : await client.NextAsync(bound);
    }
}
