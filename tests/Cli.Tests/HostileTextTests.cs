// What somebody put into labels, paths and reasons must not reach an operator's terminal as it is: escape sequences,
// line breaks, changes of the writing direction.
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Tests;

public class HostileTextTests
{
    private const string Hostile = "\u001b[2Jroot\u0007\u009b31m\u202egnp\na\u2028b";
    private const string Shown = @"\u001b[2Jroot\u0007\u009b31m\u202egnp\u000aa\u2028b";

    private static readonly string Json = System.Text.Json.JsonSerializer.Serialize(Hostile);

    private static readonly string Request =
        $$"""{"namespace":"n","id":"7","state":"acquired","session":"00","label":{{Json}},"resources":[{"type":"write","path":[{{Json}}]}],"blockedBy":[]}""";

    [Theory]
    [InlineData("/v1/locks", "ls")]
    [InlineData("/v1/locks", "ls", "--json")]
    [InlineData("/v1/explain", "explain", "--id", "8")]
    [InlineData("/v1/namespaces", "namespaces")]
    [InlineData("/v1/history", "history")]
    [InlineData("/v1/history", "history", "--json")]
    [InlineData("/v1/history/stream", "watch", "--count", "1")]
    public async Task No_command_shows_it_raw(string page, params string[] arguments)
    {
        using var pages = new ScriptedPages()
            .With("/v1/locks", $$"""{"index":1,"requests":[{{Request}}],"more":false}""")
            .With(
                "/v1/explain",
                $$"""{"index":1,"wouldBeGranted":false,"state":"enqueued","blockedBy":["7"],"chain":[{{Request}}],"more":false}"""
            )
            .With(
                "/v1/namespaces",
                $$"""{"index":1,"namespaces":[{"namespace":{{Json}},"held":1,"waiting":0,"lastId":"1"}],"more":false}"""
            )
            .With(
                "/v1/history",
                $$"""{"node":"n1","index":1,"events":[{"event":"revoked","id":"7","reason":{{Json}},"label":{{Json}}}],"more":false,"gaps":[]}"""
            )
            .With(
                "/v1/history/stream",
                $$"""data: {"event":"revoked","id":"7","reason":{{Json}},"label":{{Json}}}""" + "\n\n"
            );

        var ended = await Commands.RunAsync("", [.. arguments, "--node", pages.Url]);

        Assert.Contains(pages.Asked, asked => asked.Address.StartsWith(page, StringComparison.Ordinal));
        Assert.DoesNotContain(ended.Out, character => char.IsControl(character) && character != '\n');
        Assert.DoesNotContain('\u202e', ended.Out);
        Assert.DoesNotContain('\u2028', ended.Out);
        Assert.Contains(arguments.Contains("--json") ? @"root\u0007" : Shown, ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nor_a_refusal()
    {
        using var pages = new ScriptedPages().With("/v1/locks", Hostile, 400);

        var ended = await Commands.RunAsync("", "ls", "--node", pages.Url);

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.Contains(Shown, ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grün 😀 ок", "grün 😀 ок")]
    [InlineData("", "")]
    [InlineData("a\tb", @"a\u0009b")]
    [InlineData("a\u200bb\u2066c", @"a\u200bb\u2066c")]
    public void What_is_shown_as_itself_stays(string text, string shown) => Assert.Equal(shown, PrintableText.Of(text));
}
