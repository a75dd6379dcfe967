// A node that can't trust its data says so and does not start.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process members")]
[Trait("Category", "Slow")]
public class DamageTests
{
    [Fact]
    public async Task A_flipped_byte_in_the_log_stops_the_node_at_its_start()
    {
        await using var cluster = await OneStoppedAsync();
        var page = Directory.EnumerateFiles(Path.Combine(cluster.OptionsOf(0).DataDirectory, "log"), "*.log").First();
        using (var file = new FileStream(page, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = 140;
            var flipped = (byte)(file.ReadByte() ^ 1);
            file.Position = 140;
            file.WriteByte(flipped);
        }

        var error = await Assert.ThrowsAsync<DamagedDataException>(() => cluster.StartAsync(0));
        Assert.Contains("remove it from the cluster and add it anew", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vote", "vote")]
    [InlineData("log/end", "end")]
    [InlineData("log", "end")]
    [InlineData("node.json", "node.json")]
    public async Task A_missing_part_stops_the_node_at_its_start(string file, string named)
    {
        await using var cluster = await OneStoppedAsync();
        var path = Path.Combine(cluster.OptionsOf(0).DataDirectory, file);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        File.Delete(path);
        var error = await Assert.ThrowsAsync<DamagedDataException>(() => cluster.StartAsync(0));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_identity_and_log_but_with_members_is_no_new_one()
    {
        await using var cluster = await OneStoppedAsync();
        var folder = cluster.OptionsOf(0).DataDirectory;
        File.Delete(Path.Combine(folder, "node.json"));
        Directory.Delete(Path.Combine(folder, "log"), recursive: true);

        var error = await Assert.ThrowsAsync<DamagedDataException>(() => cluster.StartAsync(0));
        Assert.Contains(
            "node.json is missing, but there is a list of members",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_vote_file_that_forgot_its_term_stops_the_node_at_its_start()
    {
        await using var cluster = await OneStoppedAsync();
        var path = Path.Combine(cluster.OptionsOf(0).DataDirectory, "vote");
        File.WriteAllBytes(path, new byte[new FileInfo(path).Length]);
        var error = await Assert.ThrowsAsync<DamagedDataException>(() => cluster.StartAsync(0));
        Assert.Contains("vote", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_belongs_to_one_node_of_one_cluster_at_a_time()
    {
        await using var cluster = await OneStoppedAsync();
        var options = cluster.OptionsOf(0);
        AssertRefused(options with { Name = "n2" }, "belongs to node 'n1'");
        AssertRefused(cluster.OptionsOf(1), "can't be used");
    }

    [Fact]
    public async Task Clusters_are_founded_with_one_member_three_or_five()
    {
        var three = LogFixture.Three(7001);
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        await using (
            var node = Open(
                new RaftNodeOptions
                {
                    Name = "n1",
                    DataDirectory = folder.FullName,
                    Members = three[..2],
                }
            )
        )
        {
            Assert.Throws<ArgumentException>(() => node.Bootstrap(three[..2]));
        }

        folder.Delete(recursive: true);
    }

    private static void AssertRefused(RaftNodeOptions options, string because)
    {
        var error = Assert.Throws<WrongDataDirectoryException>(() => Open(options));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    private static RaftNode Open(RaftNodeOptions options) =>
        new(options, null!, NullLoggerFactory.Instance, TimeProvider.System);

    /// <summary>Three members with some locks; the first is stopped.</summary>
    private static async Task<InProcessCluster> OneStoppedAsync()
    {
        var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        await InProcessCluster.LockAsync(await cluster.LeaderAsync(), 1, 50);
        var first = cluster.Running.First(node => node.Status.Name == "n1");
        await InProcessCluster.UntilAsync(() => first.Read(machine => machine.LiveCount) == 50, "n1 lags");
        await cluster.StopAsync(first);
        return cluster;
    }
}
