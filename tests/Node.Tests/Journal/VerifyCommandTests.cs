// raftlocks-node verify, as a script sees it: its exit code and its words.
using System.Net;
using System.Net.Sockets;
using System.Text;
using RaftLocks.Journal;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Journal;

public class VerifyCommandTests
{
    [Fact]
    public async Task A_running_node_s_journal_is_proven_and_agrees_with_what_the_node_says()
    {
        await using var node = await StartAsync();
        var client = await node.ConnectAsync("verify");
        for (var i = 0; i < 50; i++)
        {
            await client.LockAsync("a");
            await client.ReleaseAsync();
        }

        var (code, said, _) = await RunAsync("verify", node.Folder, "--head", node.Url.ToString());

        Assert.Equal(0, code);
        Assert.Contains(": proven\n", said, StringComparison.Ordinal);

        // 50 grants, 50 releases, and the feature level that the node raised before it served.
        Assert.Contains("101 events, 50 grants", said, StringComparison.Ordinal);
        Assert.Contains("the same", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_differs_and_a_journal_that_is_cut_end_with_1()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        await bench.StopAsync();
        var head = bench.Head.ToString();
        var other = head.Replace(head[0], head[0] == 'a' ? 'b' : 'a');

        Assert.Equal(0, (await RunAsync("verify", bench.Options.Directory, "--head", $"10:{head}")).Code);
        var (code, said, _) = await RunAsync("verify", bench.Options.Directory, "--head", $"10:{other}");
        Assert.Equal(1, code);
        Assert.Contains("VIOLATED", said, StringComparison.Ordinal);
        Assert.Contains("the histories differ", said, StringComparison.Ordinal);
        Assert.Contains("its end is missing", (await RunAsync("verify", bench.Options.Directory, "--head", $"11:{other}")).Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gap_that_the_journal_tells_of_ends_with_3()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        await bench.StopAsync();
        bench.Apply(10);
        bench.Start(bench.Freeze());
        bench.Apply(5);
        await bench.StopAsync();

        var (code, said, _) = await RunAsync("verify", bench.Options.Directory);

        Assert.Equal(3, code);
        Assert.Contains("records 11 to 20", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_has_applied_nothing_bears_no_witness()
    {
        using var joining = new TcpListener(IPAddress.Loopback, port: 0);
        joining.Start();
        var answering = Task.Run(async () =>
        {
            using var asked = await joining.AcceptTcpClientAsync();
            var stream = asked.GetStream();
            _ = await stream.ReadAsync(new byte[4096]);
            var page = $$$"""{"digests":[],"ledger":{"index":0,"position":0,"ledger":"{{{new string('0', 64)}}}"}}""";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n{page}"));
        });

        var (code, _, error) = await RunAsync("verify", "x", "--head", $"http://{joining.LocalEndpoint}");
        await answering;

        Assert.Equal(2, code);
        Assert.Contains("has applied nothing yet", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "verify")]
    [InlineData(2, "verify", "x", "--head", "12")]
    [InlineData(2, "verify", "x", "--head", "12:abcd")]
    [InlineData(2, "verify", "x", "--head", "http://127.0.0.1:1")]
    [InlineData(2, "verify", "x", "--unheard-of")]
    [InlineData(4, "verify", "/nowhere/at/all")]
    public async Task Wrong_usage_and_what_is_no_journal_are_told_apart(int expected, params string[] arguments)
    {
        var (code, _, error) = await RunAsync(arguments);

        Assert.Equal(expected, code);
        Assert.NotEmpty(error);
    }

    private static Task<SingleNode> StartAsync() => SingleNode.StartAsync(settings => settings with
    {
        Journal = new JournalOptions { Directory = Path.Combine(settings.DataDirectory, JournalFolder.Name), Node = settings.Name, KeepFreeBytes = 0 },
    });

    private static async Task<(int Code, string Said, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await VerifyCommand.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
