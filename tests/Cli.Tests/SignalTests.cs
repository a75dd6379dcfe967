// Signals to "raftlocks run": every one that can be handed on is, once; none is lost, not in the moment of the grant
// either; a terminal works as without it.
using System.Diagnostics;
using RaftLocks.Cli.Guard;
using RaftLocks.Client;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Cli.Tests;

[Collection(Measured.Name)]
public sealed class SignalTests(OneNode node) : IClassFixture<OneNode>
{
    private const string Prompt = "ready> ";
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(18)]
    [InlineData(23)]
    [InlineData(28)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(64)]
    public async Task It_reaches_the_command(int signal)
    {
        using var run = Run($"signal-{signal}", $"trap 'exit 9' {signal}; echo up; while :; do sleep 0.02; done");
        await run.SaysAsync("up");

        Assert.Equal(0, Libc.Kill(run.Id, signal));

        Assert.Equal(9, (await run.EndAsync()).Code);
    }

    [Fact]
    public async Task One_to_the_whole_group_reaches_the_command_once()
    {
        using var run = Launched(
            ["setsid"],
            "group",
            "n=0; trap 'n=$((n+1)); echo got $n' INT; trap 'exit $n' USR1; echo up; while :; do sleep 0.02; done"
        );
        await run.SaysAsync("up");

        Assert.Equal(0, Libc.Kill(-run.Id, Interrupt));
        await run.SaysAsync("got 1");

        // Handed on after the other one would have been.
        Assert.Equal(0, Libc.Kill(run.Id, 10));
        Assert.Equal(1, (await run.EndAsync()).Code);
    }

    [Fact]
    public async Task One_to_the_whole_group_is_handed_on_to_a_command_that_has_left_it()
    {
        using var run = Launched(
            ["setsid"],
            "left",
            "exec setsid -w sh -c \"trap 'exit 5' INT; echo up; while :; do sleep 0.02; done\""
        );
        await run.SaysAsync("up");

        Assert.Equal(0, Libc.Kill(-run.Id, Interrupt));

        Assert.True((await run.EndAsync()).Code is 5 or 130);
    }

    [Fact]
    public async Task What_raftlocks_was_told_to_ignore_stays_ignored()
    {
        using var run = Launched(["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"], "nohup", "echo up; cat");
        await run.SaysAsync("up");

        Assert.Equal(0, Libc.Kill(run.Id, 1));
        await run.Input.WriteLineAsync("still here");
        await run.SaysAsync("still here");
        run.Input.Close();

        Assert.Equal(0, (await run.EndAsync()).Code);
    }

    [Fact]
    public async Task SIGTERM_in_the_moment_of_the_grant_is_never_swallowed()
    {
        await using var locks = node.Client("grant");
        for (var attempt = 0; attempt < 14; attempt++)
        {
            var held = await locks.AcquireAsync(Write("a"));
            using var run = Run("grant", "exec sleep 1000");
            await Eventually.HoldsAsync(
                "it waits",
                Bound,
                async () => (await node.Node.Http.StatsAsync("grant"))?.GetProperty("live").GetInt32() == 2
            );

            // Before, with and after the grant, some milliseconds apart.
            var spread = TimeSpan.FromMilliseconds(attempt * 4);
            var release = held.DisposeAsync();
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < spread)
            {
                Thread.SpinWait(100);
            }

            Assert.Equal(0, Libc.Kill(run.Id, Terminate));
            await release;
            var ended = await run.EndAsync();
            Assert.True(ended.Code is ExitCodes.Interrupted or 128 + Terminate, $"attempt {attempt}: {ended}");
        }
    }

    [Fact]
    public async Task On_a_terminal_the_command_reads_from_it_and_Ctrl_C_reaches_it_once()
    {
        var inner = "trap 'echo caught; exit 6' INT; read line; echo \"read $line\"; while :; do sleep 0.02; done";
        string[] run =
        [
            CommandProcess.Host,
            typeof(App).Assembly.Location,
            "run",
            "--node",
            node.Node.Url.ToString(),
            "--namespace",
            "tty",
            "--write",
            "a",
            "--",
            "sh",
            "-c",
            inner,
        ];
        var start = new ProcessStartInfo("script")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "-qec",
                // Where SHELL is not set, script starts /bin/sh, which may stay: Ctrl-C would end it with 130.
                "exec "
                    + string.Join(' ', run.Select(part => $"'{part.Replace("'", "'\\''", StringComparison.Ordinal)}'")),
                "/dev/null",
            },
        };
        using var terminal = Process.Start(start)!;
        try
        {
            await TypeAsync(terminal, "hello\r");
            Assert.True(await SaysAsync(terminal, "read hello"));
            await TypeAsync(terminal, "\u0003");

            var rest = await terminal.StandardOutput.ReadToEndAsync().WaitAsync(Bound);
            await terminal.WaitForExitAsync().WaitAsync(Bound);
            Assert.Equal(1, rest.Split("caught").Length - 1);
            Assert.True(terminal.ExitCode == 6, $"code {terminal.ExitCode} after {rest}");
        }
        finally
        {
            terminal.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task In_a_shell_Ctrl_Z_stops_all_of_it_and_fg_lets_it_go_on()
    {
        var start = new ProcessStartInfo("script")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { "-qec", $"PS1='{Prompt}' bash --norc -i", "/dev/null" },
        };
        using var terminal = Process.Start(start)!;
        try
        {
            var run =
                $"'{CommandProcess.Host}' '{typeof(App).Assembly.Location}' run --node {node.Node.Url} "
                + "--namespace ctrl-z --write a -- sh -c 'echo \"u\"p; exec sed -u s/there/here/'";
            Assert.True(await SaysAsync(terminal, Prompt));
            await TypeAsync(terminal, run + "\n");
            Assert.True(await SaysAsync(terminal, "up"));
            await TypeAsync(terminal, "\u001a");
            Assert.True(await SaysAsync(terminal, "Stopped"));

            // Until the shell has the terminal it loses what is typed.
            Assert.True(await SaysAsync(terminal, Prompt));
            await TypeAsync(terminal, "fg; echo code $?\n");
            await TypeAsync(terminal, "still there\n");

            // The terminal repeats what is typed, whoever reads it: only the command makes this of it.
            Assert.True(await SaysAsync(terminal, "still here"));
            await TypeAsync(terminal, "\u0003");

            Assert.True(await SaysAsync(terminal, "code 130"));
        }
        finally
        {
            terminal.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Ctrl_Z_s_signal_to_raftlocks_alone_reaches_the_command_too()
    {
        using var run = Run(
            "stop",
            "trap 'echo stopped' TSTP; trap 'exit 4' USR1; echo up; while :; do sleep 0.02; done"
        );
        await run.SaysAsync("up");

        Assert.Equal(0, Libc.Kill(run.Id, HandedSignals.TerminalStop));
        await run.SaysAsync("stopped");
        Assert.Equal(0, Libc.Kill(run.Id, Libc.SigContinue));
        Assert.Equal(0, Libc.Kill(run.Id, 10));

        Assert.Equal(4, (await run.EndAsync()).Code);
    }

    [Theory]
    [InlineData("USR1")]
    [InlineData("SIGUSR1")]
    [InlineData("usr1")]
    public async Task The_first_signal_when_the_lock_is_lost_can_be_chosen(string signal)
    {
        var space = $"on-lost-{signal}";
        using var run = new CommandProcess(
            "run",
            "--node",
            node.Node.Url.ToString(),
            "--namespace",
            space,
            "--write",
            "a",
            "--on-lost",
            signal,
            "--",
            "sh",
            "-c",
            "trap 'echo told; exit 0' USR1; echo up; while :; do sleep 0.02; done"
        );
        await run.SaysAsync("up");

        await Commands.RunAsync(
            node.Node,
            "revoke",
            "1",
            "--namespace",
            space,
            "--reason",
            "test",
            "--grace",
            "5s",
            "--yes"
        );

        var ended = await run.EndAsync();
        Assert.Contains("told", ended.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Revoked, ended.Code);
    }

    private static async Task TypeAsync(Process terminal, string keys)
    {
        await terminal.StandardInput.WriteAsync(keys);
        await terminal.StandardInput.FlushAsync();
    }

    private static async Task<bool> SaysAsync(Process process, string text)
    {
        using var bound = new CancellationTokenSource(Bound);
        var (said, next) = ("", new char[1]);
        while (await process.StandardOutput.ReadAsync(next.AsMemory(), bound.Token) > 0)
        {
            said += next[0];
            if (said.EndsWith(text, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private CommandProcess Run(string space, string script) => Launched([], space, script);

    private CommandProcess Launched(string[] launcher, string space, string script) =>
        new(
            launcher,
            [],
            ["run", "--node", node.Node.Url.ToString(), "--namespace", space, "--write", "a", "--", "sh", "-c", script]
        );
}
