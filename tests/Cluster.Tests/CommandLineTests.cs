using System.Net;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// The node's program as a person or a service manager meets it: help, settings that are wrong, its end.

public sealed class CommandLineTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int CouldNotStart = 1;
    private const int WrongSettings = 2;

    [Fact]
    public async Task Help_names_every_setting()
    {
        var (code, log) = await RunAsync("--help");

        Assert.Equal(0, code);
        foreach (
            var option in new[]
            {
                "--name",
                "--listen",
                "--data",
                "--member",
                "--follower-mode",
                "--default-abandon-timeout-ms",
                "--ping-interval-ms",
                "--ping-timeout-ms",
                "--allow-empty-path",
            }
        )
        {
            Assert.Contains(option, log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Version_is_printed()
    {
        var (code, log) = await RunAsync("--version");

        Assert.Equal(0, code);
        Assert.Matches(@"(?m)^\d+\.\d+\.\d+", log);
    }

    [Fact]
    public async Task All_wrong_settings_are_told_at_once()
    {
        var (code, log) = await RunAsync(
            "--listen",
            "not an address",
            "--ping-interval-ms",
            "-5",
            "--default-abandon-timeout-ms",
            "-1",
            "--member",
            "only-a-name"
        );

        Assert.Equal(WrongSettings, code);
        foreach (var option in new[] { "listen", "ping-interval-ms", "default-abandon-timeout-ms", "only-a-name" })
        {
            Assert.Contains(option, log, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task A_node_that_is_not_among_its_members_does_not_start()
    {
        var ports = FreePorts.Take(2);
        var (code, log) = await RunAsync(
            "--name",
            "stranger",
            "--listen",
            $"http://127.0.0.1:{ports[0]}",
            "--member",
            $"n1,127.0.0.1:{ports[1]},http://127.0.0.1:{ports[0]}"
        );

        Assert.Equal(WrongSettings, code);
        Assert.Contains("stranger", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_and_ends_the_node()
    {
        var first = await StartAsync(1);
        var (code, log) = await RunAsync(
            "--listen",
            first.Nodes[0].Url.GetLeftPart(UriPartial.Authority),
            "--data",
            "elsewhere"
        );

        Assert.Equal(CouldNotStart, code);
        Assert.Contains($"{first.Nodes[0].Url.Port}", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_told_and_ends_the_second_node()
    {
        var first = await StartAsync(1);
        var (code, log) = await RunAsync(
            "--listen",
            $"http://127.0.0.1:{FreePorts.Take(1)[0]}",
            "--data",
            first.DataOf("n1"),
            "--name",
            "n1"
        );

        Assert.Equal(CouldNotStart, code);
        Assert.Contains(first.DataOf("n1"), log, StringComparison.Ordinal);
        Assert.True(await first.Nodes[0].Http.IsReadyAsync());
    }

    [Fact]
    public async Task The_health_check_of_the_container_tells_a_ready_node_from_a_missing_one()
    {
        var single = await StartAsync(1);
        var origin = single.Nodes[0].Url.GetLeftPart(UriPartial.Authority);

        Assert.Equal(0, (await RunAsync("healthcheck", origin + "/health/ready")).Code);
        await single.Nodes[0].KillAsync();
        Assert.Equal(1, (await RunAsync("healthcheck", origin + "/health/ready")).Code);
        Assert.Equal(1, (await RunAsync("healthcheck", "nowhere")).Code);
    }

    [Theory]
    [InlineData("member", "member", "list")]
    [InlineData("verify", "verify", "/data")]
    [InlineData("snapshot save", "snapshot", "save", "file")]
    public async Task A_command_that_has_moved_names_the_one_to_call(string moved, params string[] arguments)
    {
        var (code, log) = await RunAsync(arguments);

        Assert.Equal(WrongSettings, code);
        Assert.Contains($"call raftlocks {moved} ", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_ends_an_idle_node_with_code_zero()
    {
        var single = await StartAsync(1);

        single.Nodes[0].Terminate();

        Assert.Equal(0, await single.Nodes[0].WaitForExitAsync(AnswerBound));
    }

    [Fact]
    public async Task Only_an_address_is_enough_for_a_node_that_locks()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-alone-");
        var url = new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}");
        var node = Own(new NodeProcess("n1", url, folder.FullName, "--listen", url.GetLeftPart(UriPartial.Authority)));
        node.Start();
        await Eventually.HoldsAsync("the node is ready", AnswerBound, node.Http.IsReadyAsync);

        var client = await ClientAsync(node, "alone");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        Assert.True(Directory.Exists(Path.Combine(folder.FullName, "raftlocks-data")));
        Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync("/"))!.Value.Status);

        await node.KillAsync();
        folder.Delete(recursive: true);
    }
}
