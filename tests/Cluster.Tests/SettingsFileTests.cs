using System.Text.Json;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// A process whose appsettings.json changes, and whose log programs read.

public sealed class SettingsFileTests(ITestOutputHelper output) : ClusterTest(output)
{
    [Fact]
    public async Task A_hang_up_puts_limits_in_force_and_says_what_needs_a_restart()
    {
        var cluster = Describe(1);
        cluster.WriteSettings("""{"RaftLocks":{"MaxWaitingPerNamespace":5}}""");
        await cluster.StartAsync();
        var node = cluster.Nodes[0];
        cluster.WriteSettings("""{"RaftLocks":{"MaxWaitingPerNamespace":6,"MaxMessageBytes":1024}}""");

        node.HangUp();

        await SaidAsync(node, "MaxWaitingPerNamespace has changed and is in force: 6");
        await SaidAsync(node, "MaxMessageBytes has changed and needs a restart");
        Assert.True(await node.Http.IsReadyAsync());
    }

    [Fact]
    public async Task A_log_for_programs_has_a_JSON_object_in_each_line()
    {
        var cluster = await StartAsync(1, "--log-format", "json");
        var node = cluster.Nodes[0];
        await SaidAsync(node, "is ready at");

        // The first line is the test's own.
        var lines = node.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];

        Assert.All(
            lines,
            line =>
            {
                var said = JsonDocument.Parse(line).RootElement;
                Assert.StartsWith("RaftLocks.", said.GetProperty("Category").GetString(), StringComparison.Ordinal);
                Assert.True(said.GetProperty("Timestamp").GetDateTimeOffset() > DateTimeOffset.UnixEpoch);
            }
        );
        Assert.Contains(lines, line => line.Contains("\"EventId\":5,", StringComparison.Ordinal));
    }

    private static Task SaidAsync(NodeProcess node, string text) =>
        Eventually.HoldsAsync(
            $"{node.Name} says '{text}'",
            AnswerBound,
            () => Task.FromResult(node.Log.Contains(text, StringComparison.Ordinal))
        );
}
