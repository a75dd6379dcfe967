// "ls --watch" as a process: what changes is shown, what does not is not, a node that does not answer ends nothing.
using System.Text.Json;

namespace RaftLocks.Cli.Tests;

public sealed class WatchTests : IDisposable
{
    private readonly ScriptedPages pages = new();

    public void Dispose() => pages.Dispose();

    [Fact]
    public async Task Ls_goes_on_looking_and_writes_what_has_changed()
    {
        Answer(1, "build-7");
        using var watch = new CommandProcess("ls", "--watch", "--node", pages.Url);
        await watch.SaysAsync("build-7");
        pages.With("/v1/locks", "no leader", 500);
        await watch.SaysAsync("Not up to date: no leader");
        Answer(2, "build-8");
        await watch.SaysAsync("build-8");
        var looks = pages.Asked.Count;
        await Eventually.HoldsAsync(
            "two more looks",
            TimeSpan.FromSeconds(60),
            () => Task.FromResult(pages.Asked.Count >= looks + 2)
        );
        Signals.Send(watch.Id, Signal.Terminate);

        var ended = await watch.EndAsync();
        Assert.Equal(ExitCodes.Interrupted, ended.Code);
        Assert.Equal(2, ended.Out.Split("RESOURCES").Length - 1);
    }

    [Fact]
    public async Task For_programs_it_is_one_page_in_a_line()
    {
        Answer(1, "build-7");
        using var watch = new CommandProcess("ls", "--watch", "--json", "--node", pages.Url);
        await watch.SaysAsync("build-7");
        Answer(2, "build-8");
        await watch.SaysAsync("build-8");
        Signals.Send(watch.Id, Signal.Terminate);

        var ended = await watch.EndAsync();
        Assert.Equal(ExitCodes.Interrupted, ended.Code);
        Assert.Equal(
            [1, 2],
            ended
                .Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("index").GetInt32())
        );
    }

    private void Answer(int index, string label) =>
        pages.With(
            "/v1/locks",
            $$"""{"index":{{index}},"requests":[{"namespace":"shop","id":"4","state":"acquired","label":"{{label}}","resources":[{"type":"write","path":["a"]}],"acquiredAt":"2026-01-01T00:00:00Z"}],"more":false}"""
        );
}
