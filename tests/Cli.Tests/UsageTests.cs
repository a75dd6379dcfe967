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
    [InlineData("run", "--write", "a", "--")]
    [InlineData("run", "--write", "a", "--", "")]
    [InlineData("run", "--write", "a", "--", " ")]
    [InlineData("run", "--write", "a", "--wait", "8d", "--", "true")]
    [InlineData("run", "--write", "a", "--wait", "60d", "--", "true")]
    [InlineData("run", "--write", "a", "--wait", "-1s", "--", "true")]
    [InlineData("run", "--write", "a", "--wait", "", "--", "true")]
    [InlineData("run", "--write", "a", "--abandon-timeout", "8d", "--", "true")]
    [InlineData("run", "--write", "a", "--abandon-timeout", "500ms", "--kill-after", "0", "--", "true")]
    [InlineData("run", "--write", "a", "--on-lost", "FOO", "--", "true")]
    [InlineData("run", "--write", "a", "--on-lost", "", "--", "true")]
    [InlineData("run", "--write", "a", "--semaphore", "s", "--slots", "1", "--", "true")]
    [InlineData("run", "--semaphore", "s", "--", "true")]
    [InlineData("run", "--slots", "3", "--write", "a", "--", "true")]
    [InlineData("run", "--semaphore", "s", "--slots", "0", "--", "true")]
    [InlineData("run", "--semaphore", "s", "--slots", "257", "--", "true")]
    [InlineData("run", "--semaphore", "s", "--slots", "x", "--", "true")]
    [InlineData("run", "--write", "a", "--namespace", "", "--", "true")]
    [InlineData("elect", "a")]
    [InlineData("elect", "--", "true")]
    [InlineData("elect", "a", "--watch", "--", "true")]
    [InlineData("elect", "a", "--", "")]
    [InlineData("ls", "--node", "nonsense")]
    [InlineData("ls", "--node", "ftp://127.0.0.1")]
    [InlineData("ls", "--node", "http://")]
    [InlineData("ls", "--node", ",")]
    [InlineData("ls", "--node", "http://127.0.0.1:99999")]
    [InlineData("ls", "--limit", "0")]
    [InlineData("ls", "--limit", "1001")]
    [InlineData("ls", "--limit", "many")]
    [InlineData("ls", "--config", "/no/such/file")]
    [InlineData("ls", "--config", "/proc")]
    [InlineData("ls", "--node", "http://127.0.0.1:1", "--config", "/no/such/file")]
    [InlineData("ls", "--node", "http://127.0.0.1:1", "--cluster", "prod")]
    [InlineData("ls", "a", "b")]
    [InlineData("namespaces", "--limit", "0")]
    [InlineData("history", "--limit", "0")]
    [InlineData("watch", "--count", "0")]
    [InlineData("watch", "--count", "-1")]
    [InlineData("revoke", "x", "--reason", "r")]
    [InlineData("revoke", "-7", "--reason", "r")]
    [InlineData("revoke", "7", "--reason", "r", "--grace", "2h")]
    [InlineData("bench", "--for", "400d")]
    [InlineData("verify")]
    [InlineData("snapshot", "save")]
    [InlineData("member", "add")]
    [InlineData("upgrade")]
    [InlineData("upgrade", "check", "--to")]
    [InlineData("cert", "node")]
    [InlineData("cert", "node", "../n1")]
    [InlineData("cert", "node", ".n1")]
    [InlineData("cert", "client", "a b")]
    [InlineData("cert", "ca", "--days", "0")]
    public async Task Wrong_usage_ends_with_2_and_a_hint(params string[] arguments)
    {
        var ended = await Commands.RunAsync("", arguments);

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.NotEmpty(ended.Error);
        Assert.Empty(ended.Out);
    }

    [Theory]
    [InlineData("--wait", "run", "--write", "a", "--", "true")]
    [InlineData("--abandon-timeout", "run", "--write", "a", "--", "true")]
    [InlineData("--kill-after", "run", "--write", "a", "--", "true")]
    [InlineData("--grace", "revoke", "7", "--reason", "r")]
    [InlineData("--for", "bench")]
    public async Task What_is_no_number_is_no_time_and_the_option_says_what_it_takes(
        string option,
        params string[] command
    )
    {
        foreach (var text in new[] { "NaN", "NaNs", "-Infinity" })
        {
            var ended = await Commands.RunAsync("", [command[0], $"{option}={text}", .. command[1..]]);

            Assert.Equal(ExitCodes.WrongUsage, ended.Code);
            Assert.Contains(
                $"{option} '{text}' is no time such as 250ms, 30s, 5m or 2h.",
                ended.Error,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData("or --id ID", "explain")]
    [InlineData("or --semaphore NAME", "run", "--", "true")]
    [InlineData(
        "--abandon-timeout 10s leaves no time to work",
        "run",
        "--write",
        "a",
        "--abandon-timeout",
        "10s",
        "--",
        "true"
    )]
    [InlineData(
        "--kill-after, here 5s, may be at most",
        "run",
        "--write",
        "a",
        "--abandon-timeout",
        "10s",
        "--",
        "true"
    )]
    [InlineData(
        "--kill-after 4s or less, or --abandon-timeout 12500ms",
        "run",
        "-w",
        "a",
        "--abandon-timeout",
        "10s",
        "--",
        "true"
    )]
    [InlineData(
        "There is no configuration file '/no', which --config names: correct the path",
        "ls",
        "--config",
        "/no"
    )]
    [InlineData("'nonsense' is no address. Write it as http://127.0.0.1:9009.", "ls", "--node", "nonsense")]
    public async Task What_is_wrong_is_told_with_what_is_right(string expected, params string[] arguments)
    {
        var ended = await Commands.RunAsync("", arguments);

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    public async Task A_host_and_a_port_alone_are_an_address(string host)
    {
        var ended = await Commands.RunAsync("", "ls", "--node", $"{host}:{FreePorts.Take(1)[0]}");

        Assert.Equal(ExitCodes.Unreachable, ended.Code);
        Assert.Contains($"No node answers ({host}:", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_or_too_long_paths_are_wrong_usage()
    {
        await using var fake = new FakeNode(Fault.Frozen);
        string[] node = ["--node", fake.Url.ToString(), "--", "true"];
        var many = Enumerable.Range(0, 300).SelectMany(number => new[] { "--write", $"p{number}" });
        var large = Enumerable.Range(0, 70).SelectMany(number => new[] { "--write", new string('x', 1000) + number });
        foreach (
            var arguments in new[]
            {
                many,
                large,
                ["--write", new string('x', 65_536)],
                ["--write", string.Join('/', Enumerable.Repeat("a", 65))],
            }
        )
        {
            var ended = await Commands.RunAsync("", ["run", .. arguments, .. node]);

            Assert.Equal(ExitCodes.WrongUsage, ended.Code);
            Assert.True(ended.Error.Length < 2000, ended.Error);
        }
    }

    [Theory]
    [InlineData("run", "--abandon-timeout", "60s")]
    [InlineData("run", "--kill-after", "5s")]
    [InlineData("run", "--on-lost", "TERM")]
    [InlineData("revoke", "--grace", "10s")]
    [InlineData("bench", "--for", "5s")]
    [InlineData("bench", "--workers", "16")]
    [InlineData("ls", "--limit", "100")]
    [InlineData("ls", "--node", "http://127.0.0.1:9009")]
    [InlineData("ls", "--namespace", "default")]
    public async Task Help_shows_a_default_in_the_form_that_the_option_takes(
        string command,
        string option,
        string expected
    )
    {
        var help = (await Commands.RunAsync("", command, "--help")).Out;

        Assert.Matches($@"{option}\b[^\[]*(\[[A-Z_]*\] )?\[default: {expected}\]", help.ReplaceLineEndings(" "));
        Assert.DoesNotMatch("[0-9]{2}:[0-9]{2}:[0-9]{2}", help);
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(250, "250ms")]
    [InlineData(1500, "1500ms")]
    [InlineData(60_000, "60s")]
    [InlineData(90_000, "90s")]
    [InlineData(360_000, "6m")]
    [InlineData(3_600_000, "1h")]
    [InlineData(604_800_000, "7d")]
    public void A_time_is_written_as_it_is_read(long ms, string text)
    {
        Assert.Equal(text, Durations.Exact(TimeSpan.FromMilliseconds(ms)));
        Assert.True(Durations.TryParse(text, out var read));
        Assert.Equal(ms, read.TotalMilliseconds);
    }

    [Theory]
    [InlineData("run", "Examples:")]
    [InlineData("elect", "Examples:")]
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
    [InlineData("upgrade", "Examples:")]
    [InlineData("upgrade check", "Exit codes:")]
    [InlineData("cert", "Examples:")]
    [InlineData("bench", "Examples:")]
    [InlineData("completion", "Examples:")]
    public async Task Every_command_s_help_has_examples(string command, string expected)
    {
        var ended = await Commands.RunAsync("", [.. command.Split(' '), "--help"]);

        Assert.Equal(0, ended.Code);
        Assert.Contains(expected, ended.Out, StringComparison.Ordinal);
        Assert.Contains($"raftlocks {command}", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_ends_with_122()
    {
        var nobody = $"http://127.0.0.1:{FreePorts.Take(1)[0]}";

        foreach (var command in new[] { "status", "ls", "namespaces", "history", "upgrade check" })
        {
            string[] arguments = [.. command.Split(' '), "--node", nobody];
            Assert.Equal(ExitCodes.Unreachable, (await Commands.RunAsync("", arguments)).Code);
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
    [InlineData("NaN")]
    [InlineData("NaNs")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    public void No_times(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData(3, "build-7", true, 12, "3rd in line behind build-7, held 12 s")]
    [InlineData(1, null, false, 0.5, "1st in line behind request 4, waiting 500 ms")]
    [InlineData(11, "x", true, 600, "11th in line behind x, held 10 min")]
    [InlineData(22, "x", true, 600, "22nd in line behind x, held 10 min")]
    public void Places_in_line(int place, string? label, bool holds, double seconds, string expected) =>
        Assert.Equal(
            expected,
            QueuePositionLine.Describe(new LockProgress(place, 4, label, holds, TimeSpan.FromSeconds(seconds)))
        );

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
