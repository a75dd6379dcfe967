// Who holds, who waits, why, and how it is ended: the pages' answers as a person reads them, and what is asked of the
// pages.
using System.Text.Json;

namespace RaftLocks.Cli.Tests;

public sealed class PageTests : IDisposable
{
    private const string Requests = """
        "requests":[
          {"namespace":"shop","id":"4","state":"acquired","session":"b1dc081e97c58579d7e9b8fba53ab07a","label":"build-7","resources":[{"type":"write","path":["orders","4/2"]}],
           "abandonTimeoutMs":60000,"enqueuedAt":"2026-01-01T00:00:00Z","acquiredAt":"2026-01-01T00:00:00Z","connected":false},
          {"namespace":"shop","id":"9","state":"enqueued","session":"c2dc081e97c58579d7e9b8fba53ab07a","label":"[red]odd[/]","resources":[{"type":"read","path":["orders"]},{"type":"write","path":["x"]}],
           "abandonTimeoutMs":60000,"enqueuedAt":"2026-01-01T00:00:00Z","place":1,"blocker":"4","connected":true}]
        """;

    private readonly ScriptedPages pages = new();

    public void Dispose() => pages.Dispose();

    [Fact]
    public async Task Ls_shows_holders_and_waiters_and_takes_no_label_for_markup()
    {
        pages.With("/v1/locks", $$"""{"index":12,{{Requests}},"more":true,"cursor":"9"}""");

        var ended = await RunAsync("ls", @"orders/4\/2", "--state", "acquired", "--namespace", "shop", "--cursor", "3");

        Assert.Equal(0, ended.Code);
        Assert.Matches(@"4 +held +write orders/4\\/2 +build-7 \(away\)", ended.Out);
        Assert.Matches(@"9 +waits +read orders, write x +\[red\]odd\[/\] .* 1 +build-7 \(4\)", ended.Out);
        Assert.Contains("There are more: --cursor 9", ended.Error, StringComparison.Ordinal);
        Assert.Equal(
            """/v1/locks?namespace=shop&path=["orders","4/2"]&state=acquired&limit=100&cursor=3""",
            Assert.Single(pages.Asked).Address
        );
        Assert.Equal(
            "4",
            JsonDocument
                .Parse((await RunAsync("ls", "--json")).Out)
                .RootElement.GetProperty("requests")[0]
                .GetProperty("id")
                .GetString()
        );
    }

    [Fact]
    public async Task Ls_shows_whose_client_answers_nothing()
    {
        pages.With(
            "/v1/locks",
            """{"index":1,"requests":[{"id":"7","state":"acquired","label":"deaf","resources":[],"connected":true,"silentMs":25300}],"more":false}"""
        );

        Assert.Contains("deaf (silent for 25 s)", (await RunAsync("ls")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_names_a_node_that_does_not_answer_and_lists_it_once()
    {
        var nobody = $"http://127.0.0.1:{FreePorts.Take(1)[0]}";
        pages.With(
            "/v1/cluster",
            $$"""{"name":"n1","role":"leader","term":1,"members":[{"name":"n1","clientUrl":"{{pages.Url}}/"},{"name":"n2","clientUrl":"{{nobody}}/"}],"alarms":[]}"""
        );

        var ended = await RunAsync("status", "--node", nobody);

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Matches(
            "n2 .*does not answer",
            Assert.Single(ended.Out.Split('\n'), line => line.Contains("does not answer", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task Namespaces_are_listed()
    {
        pages.With(
            "/v1/namespaces",
            """{"index":1,"namespaces":[{"namespace":"shop","held":2,"waiting":3,"lastId":"77"}],"more":true,"cursor":"7-1"}"""
        );

        var ended = await RunAsync("namespaces", "--cursor", "7-0");

        Assert.Matches("shop +2 +3 +77", ended.Out);
        Assert.Contains("There are more: --cursor 7-1", ended.Error, StringComparison.Ordinal);
        Assert.Equal("/v1/namespaces?limit=100&cursor=7-0", Assert.Single(pages.Asked).Address);
    }

    [Fact]
    public async Task Explain_tells_who_must_leave_first()
    {
        pages.With(
            "/v1/explain",
            """
            {"index":3,"wouldBeGranted":false,"blockedBy":["9"],"more":false,"chain":[
              {"id":"4","state":"acquired","label":"build-7","session":"b1dc081e97c58579d7e9b8fba53ab07a","resources":[{"type":"write","path":["a"]}],"acquiredAt":"2026-01-01T00:00:00Z"},
              {"id":"9","state":"enqueued","session":"c2dc081e97c58579d7e9b8fba53ab07a","resources":[{"type":"read","path":["a"]}],"enqueuedAt":"2026-01-01T00:00:00Z","blockedBy":["4"]}]}
            """
        );

        var ended = await RunAsync("explain", "--write", "a/b", "--namespace", "shop");

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains("waits for 2 to leave", ended.Out, StringComparison.Ordinal);
        Assert.Matches(@"9 +waits +read a +c2dc081e .* 4", ended.Out);
        Assert.Equal(
            """{"namespace":"shop","resources":[{"type":"write","path":["a","b"]}]}""",
            pages.Asked.Single().Body
        );
    }

    [Theory]
    [InlineData("""{"index":3,"wouldBeGranted":true,"chain":[],"more":false}""", "would be granted")]
    [InlineData("""{"index":3,"wouldBeGranted":false,"state":"acquired","chain":[],"more":false}""", "is held")]
    public async Task Explain_ends_with_0_when_nothing_is_in_the_way(string answer, string expected)
    {
        pages.With("/v1/explain", answer);

        var ended = await RunAsync("explain", "--id", "7");

        Assert.Equal(0, ended.Code);
        Assert.Contains(expected, ended.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", 0, true)]
    [InlineData("n", ExitCodes.Interrupted, false)]
    [InlineData("", ExitCodes.Interrupted, false)]
    public async Task Revoke_asks_whether_it_is_meant(string answer, int code, bool isDone)
    {
        pages.With(
            "/v1/fence",
            """{"namespace":"shop","id":"7","state":"acquired","held":true,"resources":[{"type":"write","path":["a"]}],"index":3}"""
        );
        pages.With("/v1/admin/revoke", """{"id":"7","outcome":"revoked"}""");

        var ended = await Commands.RunAsync(
            answer + "\n",
            "revoke",
            "7",
            "--reason",
            "stuck",
            "--grace",
            "3s",
            "--namespace",
            "shop",
            "--node",
            pages.Url
        );

        Assert.Equal(code, ended.Code);
        Assert.Contains("acquired: write a. Revoke it?", ended.Error, StringComparison.Ordinal);
        Assert.Equal(
            isDone,
            pages.Asked.Any(asked =>
                asked.Body == """{"namespace":"shop","id":"7","reason":"stuck","graceMs":3000,"force":false}"""
            )
        );
    }

    [Fact]
    public async Task Revoke_by_force_without_a_question()
    {
        pages.With("/v1/admin/revoke", """{"id":"7","outcome":"released"}""");

        var ended = await RunAsync("revoke", "7", "--reason", "gone", "--force", "--yes");

        Assert.Equal(0, ended.Code);
        Assert.Contains("released by its holder", ended.Out, StringComparison.Ordinal);
        Assert.Equal(
            """{"namespace":"default","id":"7","reason":"gone","graceMs":0,"force":true}""",
            pages.Asked.Single().Body
        );
    }

    [Fact]
    public async Task Revoking_what_is_not_there_does_not_end_with_0()
    {
        pages.With(
            "/v1/fence",
            """{"namespace":"shop","id":"7","state":"gone","held":false,"resources":[],"index":3}"""
        );
        pages.With("/v1/admin/revoke", """{"id":"7","outcome":"gone"}""");

        var asked = await Commands.RunAsync(
            "y\n",
            "revoke",
            "7",
            "--reason",
            "stuck",
            "--namespace",
            "shop",
            "--node",
            pages.Url
        );
        var unasked = await RunAsync("revoke", "7", "--reason", "stuck", "--yes");

        Assert.Equal(ExitCodes.Failed, asked.Code);
        Assert.Contains("There is no request 7 in 'shop'", asked.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, unasked.Code);
        Assert.Contains("There is no request 7", unasked.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_node_refuses_is_told_in_its_words()
    {
        pages.With("/v1/admin/revoke", "Administration needs the admin token: Authorization: Bearer TOKEN.", 401);

        var ended = await RunAsync("revoke", "7", "--reason", "gone", "--yes");

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains("admin token", ended.Error, StringComparison.Ordinal);
        Assert.Contains("older than this client", (await RunAsync("namespaces")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_a_member_says_what_it_waits_for_and_sends_the_member_as_it_was_given()
    {
        pages.With("/v1/admin/members", """{"index":3,"leader":"n1","members":[]}""");

        var ended = await RunAsync("member", "add", "n4,127.0.0.1:1,http://127.0.0.1:1");

        Assert.Equal(0, ended.Code);
        Assert.Contains("Adding n4: the leader sends it the log", ended.Error, StringComparison.Ordinal);
        Assert.Equal(
            """{"member":"n4,127.0.0.1:1,http://127.0.0.1:1"}""",
            pages.Asked.Single(asked => asked.Method == "POST").Body
        );
    }

    private Task<Outcome> RunAsync(params string[] arguments) =>
        Commands.RunAsync("", [.. arguments, "--node", pages.Url]);
}
