// What an operator is told on the health pages and in /v1/cluster.
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Journal;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Metrics;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Tests.Wire;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Journal;

public class AlarmTests
{
    [Fact]
    public async Task A_journal_that_stopped_is_told_and_the_locks_go_on()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                Journal = new JournalOptions
                {
                    Directory = Path.Combine(settings.DataDirectory, JournalFolder.Name),
                    Node = settings.Name,
                    KeepFreeBytes = long.MaxValue,
                },
            }
        );
        var client = await node.ConnectAsync("full");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);

        await Eventually.HoldsAsync(async () =>
        {
            var health = await GetAsync(node, "/health/ready");
            return health.GetProperty("ok").GetBoolean()
                && health
                    .GetProperty("alarms")
                    .EnumerateArray()
                    .Any(alarm => alarm.GetString()!.Contains("journal has stopped", StringComparison.Ordinal));
        });

        var cluster = await GetAsync(node, "/v1/cluster");
        Assert.Equal("stopped", cluster.GetProperty("journal").GetProperty("state").GetString());
        Assert.Single(cluster.GetProperty("alarms").EnumerateArray());
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
    }

    [Fact]
    public async Task A_node_tells_others_its_digest_after_each_of_the_last_entries()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectAsync("ns");
        await client.LockAsync("a");

        var cluster = await GetAsync(node, "/v1/cluster?recent");
        var recent = cluster.GetProperty("recentDigests").EnumerateArray().ToArray();
        Assert.Equal(cluster.GetProperty("appliedIndex").GetInt64(), recent[^1].GetProperty("index").GetInt64());
        Assert.Equal(
            cluster.GetProperty("ledger").GetProperty("ledger").GetString(),
            recent[^1].GetProperty("ledger").GetString()
        );
        Assert.Equal(recent.Length, recent.Select(mark => mark.GetProperty("digest").GetString()).Distinct().Count());
        Assert.False((await GetAsync(node, "/v1/cluster")).TryGetProperty("recentDigests", out _));
    }

    [Fact]
    public async Task A_node_whose_state_differs_is_named()
    {
        var other = new Member("n2", "127.0.0.1", 1, new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:1"));
        await using var watch = new ReplicaWatch(
            () => [other],
            () => [new DigestPoint(64, 1, default)],
            (_, _) => Task.FromResult<IReadOnlyList<DigestPoint>>([new DigestPoint(64, 2, default)]),
            _ => { },
            TimeProvider.System,
            NullLogger.Instance
        );
        var alarms = new Alarms(journal: null, watch, new RaftMetrics(new Meter("alarms")));
        Assert.Empty(alarms.Raised);

        await watch.LookAsync();

        Assert.Contains("differs from that of n2 at index 64", Assert.Single(alarms.Raised), StringComparison.Ordinal);
        Assert.Equal("off", alarms.Journal.State);
    }

    private static Task<JsonElement> GetAsync(SingleNode node, string page) =>
        node.Http.GetFromJsonAsync<JsonElement>(new Uri(node.Url, page));
}
