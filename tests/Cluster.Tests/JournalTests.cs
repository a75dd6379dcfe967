using System.Text.Json;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// The journals of a cluster through the death of leaders: each is proven by "raftlocks verify", and agrees with the
// other nodes.

[Collection(Measured.Name)]
public sealed class JournalTests(ITestOutputHelper output) : ClusterTest(output)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_node_s_journal_is_proven_and_agrees_with_the_others_after_leaders_died()
    {
        var cluster = await StartAsync(3);
        for (var round = 0; round < 3; round++)
        {
            await UseAsync(cluster, round);
            var leader = await cluster.LeaderAsync();
            await leader.KillAsync();
            await UseAsync(cluster, round + 10);
            await cluster.StartAsync();
        }

        await Replicas.AgreeAsync(cluster);
        foreach (var node in cluster.Nodes)
        {
            var heads = cluster.Nodes.SelectMany(other => new[] { "--head", other.Url.ToString() });
            await Eventually.HoldsAsync(
                $"{node.Name}'s journal is proven",
                Bound,
                async () => await VerifyAsync([cluster.DataOf(node.Name), .. heads]) == 0
            );
        }
    }

    [Fact]
    public async Task Every_node_compares_itself_with_the_others()
    {
        var cluster = await StartAsync(3);
        await UseAsync(cluster, 0);

        foreach (var node in cluster.Nodes)
        {
            await Eventually.HoldsAsync(
                $"{node.Name} has compared itself with both others",
                Bound,
                async () =>
                {
                    using var view = JsonDocument.Parse((await node.Http.GetAsync("/v1/cluster"))!.Value.Body);
                    var root = view.RootElement;
                    Assert.Equal("on", root.GetProperty("journal").GetProperty("state").GetString());
                    Assert.Empty(root.GetProperty("alarms").EnumerateArray());
                    var replicas = root.GetProperty("replicas").EnumerateArray().ToList();
                    Assert.Equal(2, replicas.Count);
                    Assert.All(replicas, replica => Assert.Equal(0, replica.GetProperty("differsAt").GetInt64()));
                    return replicas.TrueForAll(replica => replica.GetProperty("comparedIndex").GetInt64() > 0);
                }
            );
        }
    }

    [Fact]
    public async Task A_damaged_journal_is_reported_and_never_stops_the_locks()
    {
        var single = await StartAsync(1);
        var node = single.Nodes[0];
        await UseAsync(single, 0);
        node.Terminate();
        await node.WaitForExitAsync(Bound);
        foreach (
            var file in Directory.EnumerateFiles(
                Path.Combine(single.DataOf(node.Name), "journal"),
                "*",
                SearchOption.AllDirectories
            )
        )
        {
            var bytes = await File.ReadAllBytesAsync(file);
            bytes[bytes.Length / 2] ^= 1;
            bytes.AsSpan(0, Math.Min(bytes.Length, 600)).Reverse();
            await File.WriteAllBytesAsync(file, bytes);
        }

        await single.StartAsync();
        await UseAsync(single, 1);
        Assert.Contains("RaftLocks.Journal[201]", node.Log, StringComparison.Ordinal);
    }

    // Holders, waiters and releases, more than the digests' distance; some clients go without a word.
    private static async Task UseAsync(LocalCluster cluster, int round)
    {
        await using var holder = await WireClient.ConnectAsync(cluster, "journal", abandonTimeoutMs: 0);
        Assert.Equal("acquired", (await holder.LockAsync($"held/{round}")).State);
        await using var waiter = await WireClient.ConnectAsync(cluster, "journal", abandonTimeoutMs: 0);
        Assert.Equal("enqueued", (await waiter.LockAsync("held")).State);
        await using var busy = await WireClient.ConnectAsync(cluster, "journal");
        for (var i = 0; i < 40; i++)
        {
            Assert.Equal("acquired", (await busy.LockAsync($"busy/{i % 3}")).State);
            Assert.Equal("ready", (await busy.ReleaseAsync()).State);
        }
    }

    private async Task<int> VerifyAsync(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-verify-");
        await using var verify = new NodeProcess("verify", url: null, folder.FullName, ["verify", .. arguments])
        {
            Program = NodeBinary.CommandLine,
        };
        verify.Start();
        var code = await verify.WaitForExitAsync(Bound);
        Say(verify.Log);
        folder.Delete(recursive: true);
        return code;
    }
}
