// A whole node that saves snapshots by itself, and tells of it.
using System.Net.Http.Json;
using System.Text.Json;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.Node.Tests.Metrics;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Backup;

public sealed class NodeSnapshotsTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("raftlocks-");

    private string Target => Path.Combine(root.FullName, "saved");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public async Task A_node_saves_its_state_and_tells_how_old_it_is()
    {
        await using var node = await StartAsync();
        await (await node.ConnectAsync("n")).LockAsync("a");

        await Eventually.HoldsAsync(() => Task.FromResult(Directory.Exists(Target) && Saved().Length == 1));
        await Eventually.HoldsAsync(async () =>
            (await ScrapeAsync(node)).Names.Contains("raftlocks_backup_age_seconds")
        );

        using var saved = File.OpenRead(Saved()[0]);
        Assert.Null(SnapshotFormat.Check(saved, out _));
        Assert.Equal(0, (await ScrapeAsync(node))["raftlocks_backup_failures_total"]);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_an_alarm_and_a_figure_and_the_locks_go_on()
    {
        await File.WriteAllTextAsync(Target, "in the way");
        await using var node = await StartAsync();

        await Eventually.HoldsAsync(async () =>
            (await node.Http.GetFromJsonAsync<JsonElement>(new Uri(node.Url, "/health/ready")))
                .GetProperty("alarms")
                .EnumerateArray()
                .Any(alarm =>
                    alarm.GetString()!.Contains("no snapshot could be saved on schedule", StringComparison.Ordinal)
                )
        );

        Assert.True((await ScrapeAsync(node))["raftlocks_backup_failures_total"] >= 1);
        Assert.Equal("acquired", (await (await node.ConnectAsync("n")).LockAsync("a")).State);
    }

    private Task<SingleNode> StartAsync() =>
        SingleNode.StartAsync(settings =>
            settings with
            {
                Snapshots = new SnapshotPlan(Target, Keep: 3) { Every = TimeSpan.FromDays(1) },
            }
        );

    private string[] Saved() => Directory.GetFiles(Target, "*.snapshot");

    private static async Task<Scrape> ScrapeAsync(SingleNode node) =>
        new(await node.Http.GetStringAsync(new Uri(node.Url, "/metrics")));
}
