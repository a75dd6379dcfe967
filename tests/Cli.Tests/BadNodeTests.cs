// A listed node that does not work costs seconds: every command goes on to the next one, and says which did not answer
// and why.
using System.Diagnostics;

namespace RaftLocks.Cli.Tests;

public sealed class BadNodeTests(OneNode node) : IClassFixture<OneNode>, IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("raftlocks-cli-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(Fault.Frozen, "nothing within 5 s")]
    [InlineData(Fault.SwallowsConnects, "no connection within 3 s")]
    [InlineData(Fault.Refuses, "refused")]
    [InlineData(Fault.Closes, "")]
    [InlineData(Fault.NotFound, "404")]
    [InlineData(Fault.Unauthorized, "401")]
    [InlineData(Fault.InternalError, "500")]
    [InlineData(Fault.Page, "no JSON")]
    [InlineData(Fault.OtherJson, "no RaftLocks node's answer")]
    [InlineData(Fault.HalfAnswer, "nothing within 5 s")]
    [InlineData(Fault.EndlessAnswer, "longer than 64 MiB")]
    [InlineData(Fault.NoHttp, "")]
    [InlineData(Fault.OddRedirect, "gopher")]
    [InlineData(Fault.EmptyRedirect, "no node's address")]
    [InlineData(Fault.CircularRedirect, "circle")]
    [InlineData(Fault.UntrustedCertificate, "certificate")]
    public async Task Whatever_is_wrong_with_it_the_next_one_answers(Fault fault, string why)
    {
        await using var fake = new FakeNode(fault);

        var ended = await RunAsync(fake, "ls");

        Assert.Equal(0, ended.Code);
        Assert.Contains(
            $"{fake.Url.GetLeftPart(UriPartial.Authority)} did not answer: ",
            ended.Error,
            StringComparison.Ordinal
        );
        Assert.Contains(why, ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Fault.Frozen)]
    [InlineData(Fault.SwallowsConnects)]
    [InlineData(Fault.NotFound)]
    [InlineData(Fault.Unauthorized)]
    [InlineData(Fault.UntrustedCertificate)]
    [InlineData(Fault.HalfAnswer)]
    public async Task Alone_it_is_no_cluster_and_that_is_said_within_seconds(Fault fault)
    {
        await using var fake = new FakeNode(fault);

        var ended = await Within(Commands.RunAsync("", "ls", "--node", fake.Url.ToString()));

        Assert.Equal(
            fault is Fault.NotFound or Fault.Unauthorized ? ExitCodes.Failed : ExitCodes.Unreachable,
            ended.Code
        );
        Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public static TheoryData<Fault, string> Cases
    {
        get
        {
            var cases = new TheoryData<Fault, string>();
            string[] asking =
            [
                "namespaces",
                "explain --write a",
                "history",
                "history --json",
                "watch --after 0-0 --count 1",
                "member list",
                "snapshot save FILE",
                "revoke 999999 --reason test --yes",
            ];
            string[] locking = ["run --write x -- true", "lock --write y", "bench --for 10ms", "elect z -- true"];
            foreach (
                var fault in new[] { Fault.Frozen, Fault.NotFound, Fault.UntrustedCertificate, Fault.EndlessAnswer }
            )
            {
                foreach (var command in asking.Concat(locking))
                {
                    cases.Add(fault, command);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_command_goes_on_to_the_next(Fault fault, string command)
    {
        await using var fake = new FakeNode(fault);
        await node.Client("default").DisposeAsync();
        await Commands.RunAsync(node.Node, "bench", "--for", "1ms", "--workers", "1");
        string[] words =
        [
            .. command.Split(' ').Select(word => word == "FILE" ? Path.Combine(folder.FullName, "s") : word),
        ];
        string[] nodes = ["--node", fake.Url.ToString(), "--node", node.Node.Url.ToString()];
        var split = Array.IndexOf(words, "--");
        string[] arguments = split < 0 ? [.. words, .. nodes] : [.. words[..split], .. nodes, .. words[split..]];

        // What runs a command is a process of its own.
        var ended = split < 0 ? await Within(Commands.RunAsync("", arguments)) : await EndAsync(arguments);

        Assert.Equal(command.StartsWith("revoke", StringComparison.Ordinal) ? ExitCodes.Failed : 0, ended.Code);

        // What takes locks begins at any of them.
        Assert.True(
            fake.Visits == 0
                || ended.Error.Contains($"{fake.Url.Authority} did not answer: ", StringComparison.Ordinal),
            ended.Error
        );
    }

    [Fact]
    public async Task Status_says_why_a_node_does_not_answer()
    {
        await using var fake = new FakeNode(Fault.UntrustedCertificate);

        var ended = await RunAsync(fake, "status");

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains("does not answer", ended.Out, StringComparison.Ordinal);
        Assert.Contains("certificate", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_order_may_take_longer_than_an_answer_while_its_node_lives()
    {
        // A revoke whose grace has to run out. The holder counts it from when it last heard of the cluster, and gives
        // up a tenth before.
        await using var locks = node.Client("grace");
        await using var held = await locks.AcquireAsync(
            [Client.LockResource.Write("a")],
            options: null,
            CancellationToken.None
        );

        var clock = Stopwatch.StartNew();
        var ended = await Commands.RunAsync(
            node.Node,
            "revoke",
            held.FencingToken.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "--namespace",
            "grace",
            "--reason",
            "test",
            "--grace",
            "10s",
            "--yes"
        );

        Assert.Equal(0, ended.Code);
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(6), $"{clock.Elapsed}");
        Assert.DoesNotContain("did not answer", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_order_to_a_node_that_hangs_is_given_up_within_seconds_and_given_to_the_next()
    {
        await using var fake = new FakeNode(Fault.Frozen);

        var ended = await RunAsync(fake, "revoke", "999999", "--reason", "test", "--grace", "6m", "--yes");

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains("did not answer: it hangs", ended.Error, StringComparison.Ordinal);
        Assert.Contains("There is no request 999999", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_is_told_once_and_by_the_first_node_that_finds_it()
    {
        using var pages = new ScriptedPages().With("/v1/history", "'from' is no time.", 400);
        using var others = new ScriptedPages().With("/v1/history", "'from' is no time.", 400);

        var ended = await Commands.RunAsync(
            "",
            "history",
            "--from",
            "yesterday",
            "--node",
            $"{pages.Url},{others.Url}"
        );

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.Empty(others.Asked);
    }

    [Fact]
    public async Task That_there_is_no_such_member_is_an_answer_told_once()
    {
        const string told = "There is no member 'nobody'. Members: n1.";
        using var pages = new ScriptedPages().With("/v1/admin/members/nobody", told, 404);
        using var others = new ScriptedPages().With("/v1/admin/members/nobody", told, 404);

        var ended = await Commands.RunAsync("", "member", "remove", "nobody", "--node", $"{pages.Url},{others.Url}");

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Equal(told, ended.Error.Trim());
        Assert.Empty(others.Asked);
    }

    [Fact]
    public async Task Another_program_that_knows_no_page_leaves_the_removal_of_a_member_to_the_next_node()
    {
        await using var fake = new FakeNode(Fault.NotFound);

        var ended = await RunAsync(fake, "member", "remove", "nobody");

        Assert.Equal(ExitCodes.Failed, ended.Code);
        var lines = ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains($"{fake.Url.Authority} did not answer: it answers 404", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("There is no member 'nobody'", lines[1], StringComparison.Ordinal);
    }

    private static async Task<Outcome> Within(Task<Outcome> command)
    {
        var clock = Stopwatch.StartNew();
        var ended = await command;
        Assert.True(clock.Elapsed < Bound, $"it took {clock.Elapsed}: {ended}");
        return ended;
    }

    private static async Task<Outcome> EndAsync(string[] arguments)
    {
        using var process = new CommandProcess(arguments);
        return await Within(process.EndAsync());
    }

    private Task<Outcome> RunAsync(FakeNode fake, params string[] arguments) =>
        Within(Commands.RunAsync("", [.. arguments, "--node", $"{fake.Url},{node.Node.Url}"]));
}
