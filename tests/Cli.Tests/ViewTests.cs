// What the command line shows of a real node.
using System.Text.Json;
using RaftLocks.Client;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Cli.Tests;

public class ViewTests(OneNode node) : IClassFixture<OneNode>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Status_shows_the_leader()
    {
        var ended = await Commands.RunAsync(node.Node, "status");

        Assert.Equal(0, ended.Code);
        Assert.Matches(@"n1 +http://127\.0\.0\.1:\d+ +leader", ended.Out);
        var json = JsonDocument.Parse((await Commands.RunAsync(node.Node, "status", "--json")).Out).RootElement;
        Assert.Equal("n1", json[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Status_says_when_a_node_does_not_answer()
    {
        var nobody = $"http://127.0.0.1:{FreePorts.Take(1)[0]}";

        var ended = await Commands.RunAsync(node.Node, "status", "--node", nobody);

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains("does not answer", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_and_watch_tell_what_happened()
    {
        await using var locks = node.Client("history");
        await using (await locks.AcquireAsync(Write("orders", "4/2"))) { }

        // A page waits for the journal; the stream begins with what is in it.
        var history = await Commands.RunAsync(node.Node, "history", @"orders/4\/2", "--namespace", "history");
        Assert.Equal(0, history.Code);
        Assert.Matches(@"released +1 +write orders/4\\/2 +the test", history.Out);
        var json = JsonDocument
            .Parse((await Commands.RunAsync(node.Node, "history", "--namespace", "history", "--oldest", "--json")).Out)
            .RootElement;
        var first = json.GetProperty("events")[0];
        var watch = await Commands.RunAsync(
            node.Node,
            "watch",
            "--namespace",
            "history",
            "--after",
            first.GetProperty("cursor").GetString()!,
            "--count",
            "1"
        );

        Assert.Equal(0, watch.Code);
        Assert.Contains("released", watch.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_proves_the_journal_of_a_running_node()
    {
        var ended = await Commands.RunAsync(
            "",
            "verify",
            node.Cluster.DataOf("n1"),
            "--head",
            node.Node.Url.ToString()
        );

        Assert.Equal(0, ended.Code);
        Assert.Contains("proven", ended.Out, StringComparison.Ordinal);
        Assert.Equal(4, (await Commands.RunAsync("", "verify", "/no/such/folder")).Code);
        var json = JsonDocument
            .Parse((await Commands.RunAsync("", "verify", node.Cluster.DataOf("n1"), "--json")).Out)
            .RootElement;
        Assert.Equal("Proven", json.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Members_are_listed_and_a_mistake_is_told_in_the_node_s_words()
    {
        Assert.Matches(@"n1 +127\.0\.0\.1:\d+", (await Commands.RunAsync(node.Node, "member", "list")).Out);
        var added = await Commands.RunAsync(node.Node, "member", "add", "nonsense");

        Assert.Equal(ExitCodes.WrongUsage, added.Code);
        Assert.Contains("NAME,RAFTHOST:PORT", added.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_measures()
    {
        var ended = await Commands.RunAsync(
            node.Node,
            "bench",
            "--workers",
            "4",
            "--for",
            "300ms",
            "--json",
            "--namespace",
            "bench"
        );

        Assert.Equal(0, ended.Code);
        Assert.True(JsonDocument.Parse(ended.Out).RootElement.GetProperty("cyclesPerSecond").GetDouble() > 0);
    }

    [Fact]
    public async Task Who_blocks_a_stuck_lock_is_found_and_asked_and_then_made_to_leave()
    {
        await using var locks = node.Client("stuck");
        await using var polite = await locks.AcquireAsync(Write("orders"));
        await using var stubborn = await locks.AcquireAsync(Write("orders-2"));
        await using var other = node.Client("stuck");
        var waiting = other.AcquireAsync(Read("orders", "42"), Read("orders-2"));
        await Eventually.HoldsAsync(
            "ls shows who waits",
            Bound,
            async () =>
                (await Commands.RunAsync(node.Node, "ls", "--namespace", "stuck")).Out.Contains(
                    "waits",
                    StringComparison.Ordinal
                )
        );

        var explained = await Commands.RunAsync(node.Node, "explain", "--id", "3", "--namespace", "stuck");
        Assert.Equal(ExitCodes.Failed, explained.Code);
        Assert.Matches("1 +held +write orders +the test", explained.Out);
        Assert.Matches("stuck +2 +1 +3", (await Commands.RunAsync(node.Node, "namespaces")).Out);

        // One gives way when it is asked, the other has to be made to.
        await using var asked = polite.RevocationRequested.Register(polite.Dispose);
        var gentle = await Commands.RunAsync(
            node.Node,
            "revoke",
            "1",
            "--reason",
            "needed",
            "--grace",
            "60s",
            "--yes",
            "--namespace",
            "stuck"
        );
        Assert.Contains("released by its holder", gentle.Out, StringComparison.Ordinal);
        Assert.Equal("needed", polite.RevocationReason);
        var forced = await Commands.RunAsync(
            node.Node,
            "revoke",
            "2",
            "--reason",
            "stuck",
            "--force",
            "--yes",
            "--namespace",
            "stuck"
        );
        Assert.Contains("is revoked", forced.Out, StringComparison.Ordinal);

        await (await waiting.WaitAsync(Bound)).DisposeAsync();
        await Eventually.HoldsAsync("the holder knows", Bound, () => Task.FromResult(stubborn.IsLost));
        Assert.False(polite.IsLost);
    }

    [Fact]
    public async Task A_snapshot_of_a_running_node_is_saved()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-cli-");
        try
        {
            await using var locks = node.Client("snapshot");
            await using var held = await locks.AcquireAsync(Write("a"));

            var saved = await Commands.RunAsync(node.Node, "snapshot", "save", Path.Combine(folder.FullName, "s"));

            Assert.Equal(0, saved.Code);
            Assert.Matches("Saved the state at index [0-9]+", saved.Out);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
