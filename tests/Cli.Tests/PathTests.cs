// Two who mean the same resource must never both hold it: spellings that people take for the same are refused, with the
// one that was probably meant.
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Tests;

public sealed class PathTests(OneNode node) : IClassFixture<OneNode>
{
    [Theory]
    [InlineData("/orders/42", "orders/42")]
    [InlineData("orders/42/", "orders/42")]
    [InlineData("orders/", "orders")]
    [InlineData("a//b", "a/b")]
    [InlineData("//a///b//", "a/b")]
    [InlineData(" orders/42", "orders/42")]
    [InlineData("orders /42", "orders/42")]
    [InlineData("orders/42\r", "orders/42")]
    [InlineData("orders/42\n", "orders/42")]
    [InlineData("orders/ /42", "orders/42")]
    [InlineData("./orders", "orders")]
    [InlineData("a/./b", "a/b")]
    [InlineData(@"/a\/b", @"a\/b")]
    public void An_ambiguous_path_is_refused_with_the_one_that_was_meant(string path, string meant)
    {
        Assert.Contains(
            $"Did you mean '{meant}'?",
            LockPaths.Parse(path, isRaw: false, out _),
            StringComparison.Ordinal
        );
        Assert.Null(LockPaths.Parse(path, isRaw: true, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("a/../b")]
    public void Where_nothing_can_be_meant_there_is_no_hint(string path)
    {
        var wrong = LockPaths.Parse(path, isRaw: false, out _);

        Assert.NotNull(wrong);
        Assert.DoesNotContain("Did you mean", wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("orders/42")]
    [InlineData("a b/c d")]
    [InlineData("...")]
    [InlineData(@"a\/b")]
    [InlineData("@a")]
    [InlineData("ä/ö")]
    public void Others_are_as_they_are(string path) => Assert.Null(LockPaths.Parse(path, isRaw: false, out _));

    [Theory]
    [InlineData("run", "--write", "/a", "--", "true")]
    [InlineData("run", "--read", "a/", "--", "true")]
    [InlineData("run", "--write", "", "--", "true")]
    [InlineData("run", "--semaphore", "/a", "--slots", "2", "--", "true")]
    [InlineData("lock", "--write", "a//b")]
    [InlineData("lock", "--read", "/a")]
    [InlineData("explain", "--write", "/a")]
    [InlineData("ls", "/a")]
    [InlineData("ls", "")]
    [InlineData("history", "/a")]
    [InlineData("watch", "/a")]
    [InlineData("elect", "/a", "--", "true")]
    [InlineData("elect", "", "--watch")]
    public async Task No_command_takes_one(params string[] arguments)
    {
        var ended = await Commands.RunAsync("", arguments);

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.Contains("--raw-path takes it as it is", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_raw_path_it_is_a_lock_of_its_own()
    {
        using var run = new CommandProcess(
            "run",
            "--node",
            node.Node.Url.ToString(),
            "--namespace",
            "raw",
            "--raw-path",
            "--write",
            "/a",
            "--",
            "sh",
            "-c",
            "echo up; cat"
        );
        await run.SaysAsync("up");

        var listed = await Commands.RunAsync(node.Node, "ls", "/a", "--raw-path", "--namespace", "raw", "--json");
        run.Input.Close();

        Assert.Equal(0, (await run.EndAsync()).Code);
        Assert.Contains("\"a\"", listed.Out, StringComparison.Ordinal);
    }
}
