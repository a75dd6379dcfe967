// "raftlocks verify" as a script sees it: its exit codes, and what --head may be.
using System.Text.Json;
using RaftLocks.Cli.Commands;
using Proof = RaftLocks.Ledger.Proof.Outcome;

namespace RaftLocks.Cli.Tests;

public class VerifyTests(OneNode node) : IClassFixture<OneNode>
{
    [Fact]
    public async Task A_head_that_differs_ends_with_1()
    {
        await Commands.RunAsync(node.Node, "bench", "--for", "1ms", "--workers", "1", "--namespace", "verify");
        var status = await Commands.RunAsync(node.Node, "status", "--json");
        var ledger = JsonDocument.Parse(status.Out).RootElement[0].GetProperty("ledger");
        var (index, head) = (ledger.GetProperty("index").GetInt64(), ledger.GetProperty("ledger").GetString()!);
        var other = (head[0] == 'a' ? 'b' : 'a') + head[1..];

        Assert.Equal(0, (await VerifyAsync("--head", $"{index}:{head}")).Code);
        var ended = await VerifyAsync("--head", $"{index}:{other}");

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains("VIOLATED", ended.Out, StringComparison.Ordinal);
        Assert.Contains("the histories differ", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_has_applied_nothing_bears_no_witness()
    {
        var none = new string('0', 64);
        using var pages = new ScriptedPages().With(
            "/v1/cluster",
            $$$"""{"role":"joining","digests":[],"ledger":{"index":0,"position":0,"ledger":"{{{none}}}"}}"""
        );

        var ended = await VerifyAsync("--head", pages.Url);

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.Contains("has applied nothing yet", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--head", "12")]
    [InlineData("--head", "12:abcd")]
    [InlineData("--head", "http://127.0.0.1:1")]
    [InlineData("--unheard-of")]
    public async Task Wrong_usage_ends_with_2_and_a_sentence(params string[] arguments)
    {
        var ended = await VerifyAsync(arguments);

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.NotEmpty(ended.Error);
    }

    [Theory]
    [InlineData(Proof.Proven, 0)]
    [InlineData(Proof.Violated, 1)]
    [InlineData(Proof.ProvenWithGaps, 3)]
    [InlineData(Proof.Empty, 4)]
    public void Each_outcome_has_its_code(Proof outcome, int code) => Assert.Equal(code, VerifyCommand.CodeOf(outcome));

    private Task<Outcome> VerifyAsync(params string[] arguments) =>
        Commands.RunAsync("", ["verify", node.Cluster.DataOf("n1"), .. arguments]);
}
