// "raftlocks upgrade check" against a real node, and against three whose answers are those of the release before,
// which says less.
using System.Text.Json;

namespace RaftLocks.Cli.Tests;

public sealed class UpgradeTests(OneNode node) : IClassFixture<OneNode>, IDisposable
{
    private const string Ready = """{"ok":true,"reason":"follows n1","alarms":[]}""";
    private const string OldNode =
        """{"name":"NAME","incarnation":"0f","phase":"member","membersIndex":0,"supportedFeatureLevel":2,"members":[]}""";

    private readonly ScriptedPages[] nodes = [new(), new(), new()];

    public void Dispose() => Array.ForEach(nodes, one => one.Dispose());

    [Fact]
    public async Task A_cluster_of_one_is_not_ready_until_it_runs_what_it_is_to_run()
    {
        var first = await Commands.RunAsync(node.Node, "upgrade", "check", "--json");
        Assert.Equal(ExitCodes.Failed, first.Code);
        var json = JsonDocument.Parse(first.Out).RootElement;
        var version = json.GetProperty("members")[0].GetProperty("version").GetString()!;
        Assert.False(json.GetProperty("ready").GetBoolean());
        Assert.Equal("noMajority", json.GetProperty("reasons")[0].GetProperty("reason").GetString());
        Assert.Equal("n1", json.GetProperty("next")[0].GetProperty("members")[0].GetString());

        var shown = await Commands.RunAsync(node.Node, "upgrade", "check");
        Assert.Equal(ExitCodes.Failed, shown.Code);
        Assert.Matches(
            $@"n1 +{node.Node.Url.GetLeftPart(UriPartial.Authority)} +leader +{version} +level 3",
            shown.Out
        );
        Assert.Contains("\nNot ready: n1 is the only member", shown.Out, StringComparison.Ordinal);

        var done = await Commands.RunAsync(node.Node, "upgrade", "check", "--to", $"v{version}");
        Assert.Equal(0, done.Code);
        Assert.Contains($"All members run {version}: nothing is left to do.", done.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_of_the_release_before_are_understood_and_found_from_one_of_them()
    {
        Script();

        var ended = await CheckAsync();

        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.Contains(
            "Feature level 2 is in force, the highest that the members understand.",
            ended.Out,
            StringComparison.Ordinal
        );
        Assert.Contains("\nReady. Next: n2. Later: n3, n1 (the leader).\n", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_that_does_not_answer_is_named_and_why_is_told()
    {
        Script();
        nodes[2].Dispose();

        var ended = await CheckAsync();

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains(
            $"\nNot ready: n3 ({nodes[2].Url}) does not answer: start it",
            ended.Out,
            StringComparison.Ordinal
        );
        Assert.Contains("\nNot ready: Without n2 only 1 of 3", ended.Out, StringComparison.Ordinal);
        Assert.Contains($"{nodes[2].Url} did not answer: ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_a_member_is_not_ready_is_told_in_its_own_words()
    {
        Script();
        nodes[1].With("/health/ready", """{"ok":false,"reason":"waits for \u001b[2J","alarms":[]}""", 503);

        var ended = await CheckAsync();

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains(@"n2 is not ready (waits for \u001b[2J)", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_being_added_is_told_and_a_node_that_is_no_member()
    {
        Script();
        nodes[0].With("/v1/node", Named("n1", OldNode[..^1] + ""","addingMember":"n4","logMembers":[]}"""));
        using var other = Describe(new ScriptedPages(), "n9", "candidate", "[]");

        var ended = await CheckAsync("--node", other.Url);

        Assert.Contains("n4 is being added as a member", ended.Out, StringComparison.Ordinal);
        Assert.Contains("A change of the members is not in force on n1 yet", ended.Out, StringComparison.Ordinal);
        Assert.Contains("n9 answers and is no member", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_does_not_understand_what_is_in_force_is_refused()
    {
        Script();

        var ended = await CheckAsync("--to", "0.0.9");

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains("0.0.9 does not understand feature level 2", ended.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new")]
    [InlineData("")]
    [InlineData("0.2")]
    public async Task What_is_no_version_is_wrong_usage(string version)
    {
        var ended = await CheckAsync("--to", version);

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.Contains($"--to '{version}' is no version such as 0.2.0.", ended.Error, StringComparison.Ordinal);
    }

    private Task<Outcome> CheckAsync(params string[] more) =>
        Commands.RunAsync("", ["upgrade", "check", "--node", nodes[0].Url, .. more]);

    private void Script()
    {
        var members = nodes.Select(
            (pages, i) =>
                $$"""{"name":"n{{i + 1}}","raftAddress":"10.0.0.{{i + 1}}:7009","clientUrl":"{{pages.Url}}","internalUrl":"{{pages.Url}}"}"""
        );
        var list = $"[{string.Join(',', members)}]";
        foreach (var (i, pages) in nodes.Index())
        {
            Describe(pages, $"n{i + 1}", i == 0 ? "leader" : "follower", list);
        }
    }

    private static ScriptedPages Describe(ScriptedPages pages, string name, string role, string members) =>
        pages
            .With(
                "/v1/cluster",
                $$"""
                {"name":"{{name}}","version":"0.1.0","role":"{{role}}","term":3,"leader":"n1","members":{{members}},
                "commitIndex":9,"appliedIndex":9,"lastIndex":9,"featureLevel":2,"alarms":[]}
                """
            )
            .With("/v1/node", Named(name, OldNode))
            .With("/health/ready", Ready);

    private static string Named(string name, string json) => json.Replace("NAME", name, StringComparison.Ordinal);
}
