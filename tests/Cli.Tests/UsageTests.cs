// What the command line understands, and what it says about what it does not.
using RaftLocks.Cli.Locks;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Tests;

public class UsageTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("run", "--", "true")]
    [InlineData("run", "--write", "a")]
    [InlineData("run", "--write", @"a\b", "--", "true")]
    [InlineData("run", "--write", "a", "--wait", "soon", "--", "true")]
    [InlineData("run", "--write", "a", "--abandon-timeout", "10s", "--kill-after", "5s", "--", "true")]
    [InlineData("ls", "--state", "free")]
    [InlineData("revoke", "7")]
    [InlineData("explain")]
    [InlineData("bench", "--workers", "0")]
    [InlineData("completion", "fish")]
    public async Task Wrong_usage_ends_with_2_and_a_hint(params string[] arguments)
    {
        var ended = await Commands.RunAsync("", arguments);

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.NotEmpty(ended.Error);
        Assert.Empty(ended.Out);
    }

    [Theory]
    [InlineData("run", "Examples:")]
    [InlineData("lock", "Examples:")]
    [InlineData("status", "Exit codes:")]
    [InlineData("ls", "Examples:")]
    [InlineData("explain", "Exit codes:")]
    [InlineData("revoke", "Examples:")]
    [InlineData("history", "Examples:")]
    [InlineData("watch", "Examples:")]
    [InlineData("verify", "Exit codes:")]
    [InlineData("member", "Examples:")]
    [InlineData("snapshot", "Example:")]
    [InlineData("bench", "Examples:")]
    [InlineData("completion", "Examples:")]
    public async Task Every_command_s_help_has_examples(string command, string expected)
    {
        var ended = await Commands.RunAsync("", command, "--help");

        Assert.Equal(0, ended.Code);
        Assert.Contains(expected, ended.Out, StringComparison.Ordinal);
        Assert.Contains($"raftlocks {command}", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_ends_with_122()
    {
        var nobody = $"http://127.0.0.1:{FreePorts.Take(1)[0]}";

        foreach (var command in new[] { "status", "ls", "namespaces", "history" })
        {
            Assert.Equal(ExitCodes.Unreachable, (await Commands.RunAsync("", command, "--node", nobody)).Code);
        }
    }

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("7", 7_000)]
    public void Times(string text, double ms)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(ms, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1s")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("400d")]
    public void No_times(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData(3, "build-7", true, 12, "3rd in line behind build-7, held 12 s")]
    [InlineData(1, null, false, 0.5, "1st in line behind request 4, waiting 500 ms")]
    [InlineData(11, "x", true, 600, "11th in line behind x, held 10 min")]
    [InlineData(22, "x", true, 600, "22nd in line behind x, held 10 min")]
    public void Places_in_line(int place, string? label, bool holds, double seconds, string expected) =>
        Assert.Equal(expected, WaitingLine.Describe(new LockProgress(place, 4, label, holds, TimeSpan.FromSeconds(seconds))));

    [Theory]
    [InlineData("raftlocks st", "status")]
    [InlineData("raftlocks run --wri", "--write")]
    [InlineData("raftlocks completion ", "zsh")]
    public async Task The_shell_is_told_what_may_come_next(string line, string expected)
    {
        var ended = await Commands.RunAsync("", $"[suggest:{line.Length}]", line);

        Assert.Contains(expected, ended.Out.Split('\n', StringSplitOptions.TrimEntries));
        Assert.Contains("[suggest:", (await Commands.RunAsync("", "completion", "bash")).Out, StringComparison.Ordinal);
        Assert.Contains("[suggest:", (await Commands.RunAsync("", "completion", "zsh")).Out, StringComparison.Ordinal);
    }
}
