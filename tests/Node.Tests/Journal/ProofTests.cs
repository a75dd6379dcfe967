// What a node's journal is worth to whoever proves it ("raftlocks verify").
using System.Net.Http.Json;
using RaftLocks.Api;
using RaftLocks.Journal;
using RaftLocks.Ledger.Proof;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Journal;

public class ProofTests
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

        var page = new Uri(node.Url, ApiPaths.Cluster);
        var view = await node.Http.GetFromJsonAsync(page, ApiJson.Default.ClusterResponse);
        Assert.True(KnownHead.TryParse($"{view!.Ledger!.Index}:{view.Ledger.Ledger}", "the node", out var head));

        // It writes its journal a moment after it has applied.
        Verdict? verdict = null;
        await Eventually.HoldsAsync(() =>
        {
            verdict = Verify(node.Folder, head);
            return Task.FromResult(!verdict.EndIsMissing);
        });

        // 50 grants, 50 releases, and the feature level that the node raised before it served.
        Assert.Equal((Outcome.Proven, 101L, 50L), (verdict!.Outcome, verdict.Events, verdict.Grants));
        Assert.Equal(HeadAnswer.Same, Assert.Single(verdict.Heads).Answer);
    }

    [Fact]
    public async Task A_head_that_differs_and_a_journal_that_is_cut_are_found()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        await bench.StopAsync();
        var head = bench.Head.ToString();
        var other = head.Replace(head[0], head[0] == 'a' ? 'b' : 'a');

        Assert.Equal(Outcome.Proven, Verify(bench, $"10:{head}").Outcome);
        var differs = Verify(bench, $"10:{other}");
        Assert.Equal(Outcome.Violated, differs.Outcome);
        Assert.Contains("the histories differ", differs.Violation!.Text, StringComparison.Ordinal);
        Assert.Contains("its end is missing", Verify(bench, $"11:{other}").Violation!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gap_that_the_journal_tells_of_is_told()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        await bench.StopAsync();
        bench.Apply(10);
        bench.Start(bench.Freeze());
        bench.Apply(5);
        await bench.StopAsync();

        var verdict = Verify(bench.Options.Directory);

        Assert.Equal(Outcome.ProvenWithGaps, verdict.Outcome);
        Assert.Equal((10L, 20L), Assert.Single(verdict.Gaps) is var gap ? (gap.AfterPosition, gap.Position) : default);
    }

    private static Verdict Verify(JournalBench bench, string head)
    {
        Assert.True(KnownHead.TryParse(head, "a test", out var known));
        return Verify(bench.Options.Directory, known);
    }

    private static Verdict Verify(string path, params KnownHead[] heads) =>
        Verification.Run(path, heads, (_, _) => { });

    private static Task<SingleNode> StartAsync() =>
        SingleNode.StartAsync(settings =>
            settings with
            {
                Journal = new JournalOptions
                {
                    Directory = Path.Combine(settings.DataDirectory, JournalFolder.Name),
                    Node = settings.Name,
                    KeepFreeBytes = 0,
                },
            }
        );
}
