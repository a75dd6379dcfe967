using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// The power of all nodes fails at once: what was written and not flushed is gone everywhere. Whichever two of the three
// come back, nothing that a client was told is missing. A node that acknowledges before its flush, as the library's own
// log does, must fail the same test.

public sealed class PowerCutTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int Clients = 6;
    private const int EnoughReplies = 150;
    private const int FollowersFlushMs = 60;
    private const int MostCuts = 4;
    private const int LongAbandonTimeoutMs = 600_000;

    [ShimFact]
    public async Task Whichever_two_nodes_come_back_after_a_power_cut_nothing_acknowledged_is_missing()
    {
        Assert.Empty(await LoseAllPowerAsync(NodeBinary.Path));
    }

    [ShimFact]
    public async Task The_same_power_cut_detects_a_node_that_acknowledges_before_its_flush()
    {
        using var build = new PlantedBuild(
            "Raft/Storage/DurableLog.Receiving.cs",
            "            entries.Flush();",
            "            _ = flusher.FlushAsync();"
        );

        // On a machine that stalls between the last reply and the cut, even the late flushes were in time.
        var forgotten = new List<string>();
        for (var cut = 0; cut < MostCuts && forgotten.Count == 0; cut++)
        {
            forgotten = await LoseAllPowerAsync(build.Program);
        }

        Assert.NotEmpty(forgotten);
    }

    [ShimFact]
    public async Task What_a_killed_node_had_not_flushed_is_flushed_before_it_is_acknowledged()
    {
        var cluster = Describe(3);
        var supplies = cluster.Nodes.ToDictionary(
            node => node,
            node => new PowerSupply(node, cluster.DataOf(node.Name))
        );
        await cluster.StartAsync();
        var leader = await cluster.LeaderAsync();
        var (killed, idle) = cluster.Nodes.Where(node => node != leader).ToArray() is [var one, var other]
            ? (one, other)
            : default;
        var client = await ClientAsync(leader, "ns", LongAbandonTimeoutMs);
        Assert.Equal("acquired", (await client.LockAsync("first")).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);

        // The entry is in the follower's page cache, and nowhere on its disk; nobody was told of it.
        await idle.KillAsync();
        supplies[killed].DelayFlushes(60_000);
        var waiting = client.LockAsync("second");
        await Eventually.HoldsAsync(
            "the entry is written",
            AnswerBound,
            () => Task.FromResult(HasUnflushedEntry(cluster.DataOf(killed.Name)))
        );
        await killed.KillAsync();

        // On a busy machine the leader may have given up meanwhile, which is no acknowledgement.
        Assert.False(waiting.IsCompletedSuccessfully);
        supplies[killed].DelayFlushes(0);

        // It comes back, finds the entry in its log, and has nothing to add when the leader sends it once more.
        killed.Start();
        string state;
        try
        {
            state = (await waiting).State;
        }
        catch (ConnectionEndedException)
        {
            // The leader gave up for want of a majority: the next one is asked.
            state = await AskAsync(cluster, LongAbandonTimeoutMs);
        }

        Assert.True(state is "acquired" or "enqueued", state);
        await Task.WhenAll(leader.KillAsync(), killed.KillAsync());
        supplies[killed].Cut();
        supplies[idle].Cut();
        killed.Start();
        idle.Start();
        await cluster.ReadyAsync();
        Assert.Equal("enqueued", await AskAsync(cluster));
    }

    /// <summary>Asks whoever leads for the second lock, and the next leader if that one loses its leadership.</summary>
    private Task<string> AskAsync(LocalCluster cluster, long? abandonTimeoutMs = null) =>
        Eventually.FindAsync<string>(
            "a leader answers",
            AnswerBound,
            async () =>
            {
                try
                {
                    var client = await ClientAsync(cluster, "ns", abandonTimeoutMs);
                    return (await client.LockAsync("second")).State;
                }
                catch (ConnectionEndedException)
                {
                    return null;
                }
            }
        );

    private static bool HasUnflushedEntry(string data) =>
        Directory
            .EnumerateFiles(Path.Combine(data, "log"), "*.log")
            .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf("second"u8) >= 0);

    /// <summary>
    /// Puts a cluster under load, cuts its power, and lists what each pair of nodes has forgotten of what clients were
    /// told.
    /// </summary>
    private async Task<List<string>> LoseAllPowerAsync(string program)
    {
        var cluster = Describe(3);
        var supplies = cluster.Nodes.ToDictionary(
            node => node,
            node => new PowerSupply(node, cluster.DataOf(node.Name))
        );
        foreach (var node in cluster.Nodes)
        {
            node.Program = program;
        }

        await cluster.StartAsync();
        var leader = await cluster.LeaderAsync();
        foreach (var node in cluster.Nodes.Where(node => node != leader))
        {
            supplies[node].DelayFlushes(FollowersFlushMs);
        }

        var witnesses = await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(async i => new Witness(
                    await ClientAsync(leader, $"client-{i}", LongAbandonTimeoutMs),
                    $"client-{i}"
                ))
        );
        var working = Task.WhenAll(witnesses.Select(witness => witness.WorkAsync()));
        await Eventually.HoldsAsync(
            "clients were told enough",
            AnswerBound,
            () => Task.FromResult(working.IsCompleted || witnesses.Sum(witness => witness.Replies) > EnoughReplies)
        );
        await Task.WhenAll(cluster.Nodes.Select(node => node.KillAsync()));
        await working;

        var lost = new List<string>();
        foreach (var absent in cluster.Nodes)
        {
            var pair = cluster.Nodes.Where(node => node != absent).ToArray();
            foreach (var node in pair)
            {
                supplies[node].Cut(toBePlayedAgain: true);
                node.Environment.Remove("LD_PRELOAD");
                node.Start();
            }

            await cluster.LeaderAsync();
            foreach (var witness in witnesses)
            {
                if (await witness.FindLossAsync(await ClientAsync(cluster, witness.Namespace)) is { } loss)
                {
                    lost.Add($"{string.Join(" and ", pair.Select(node => node.Name))} came back: {loss}");
                }
            }

            await Task.WhenAll(pair.Select(node => node.KillAsync()));
        }

        lost.ForEach(Say);
        return lost;
    }

    /// <summary>A client alone in its namespace, and what it was told.</summary>
    private sealed class Witness(WireClient client, string ns)
    {
        private Reply? _last;

        public string Namespace => ns;

        public int Replies { get; private set; }

        public async Task WorkAsync()
        {
            try
            {
                while (true)
                {
                    _last = await (_last is { State: "acquired" } ? client.ReleaseAsync() : client.LockAsync("it"));
                    Replies++;
                }
            }
            catch (Exception ended) when (ended is ConnectionEndedException or System.Net.WebSockets.WebSocketException)
            { }
        }

        /// <summary>
        /// What a cluster that came back has forgotten, if anything: ids go on behind those that were told, and what
        /// was released is free.
        /// </summary>
        public async Task<string?> FindLossAsync(WireClient newcomer)
        {
            var found = await newcomer.LockAsync("it");
            await newcomer.BreakAsync();
            return _last is null ? null
                : found.Id <= _last.Id
                    ? $"{ns}: id {found.Id} was given away anew, after {_last.Id} ({_last.State}) had been told"
                : _last.State == "ready" && found.Id == _last.Id + 1 && found.State != "acquired"
                    ? $"{ns}: {_last.Id} had been told that it released the lock, and it is held"
                : null;
        }
    }
}
