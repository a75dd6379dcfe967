// Processes that are stopped: by the terminal (Ctrl-Z, a background job that reads), or the guard by somebody. Whatever
// is stopped, nothing of the command works on when its lock may have passed on.
using System.Diagnostics;
using RaftLocks.Cli.Guard;
using RaftLocks.Cli.Locks;
using RaftLocks.Client;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Cli.Tests;

[Collection(Measured.Name)]
public sealed class SuspensionTests(OneNode node) : IClassFixture<OneNode>
{
    private const int TerminalStop = 20;
    private const int TerminalInput = 21;
    private const int TerminalOutput = 22;

    // A session of its own, a group of its own, a daemon, and what takes no notice of the terminal.
    private const string Session = "setsid sleep 1000 & sleep 1000";
    private const string Group = "set -m; sleep 1000 & sleep 1001";
    private const string Daemon = "(setsid sh -c 'sleep 1000; true' &) ; sleep 1000";
    private const string Nohup = "trap '' TSTP TTIN TTOU HUP TERM; nohup sleep 1000 & sleep 1000; true";

    // Waits for its job however often that is stopped.
    private const string Job =
        "set -m; \"$@\" & job=$!; "
        + "while wait $job; code=$?; [ $code -gt 140 ] && kill -0 $job 2>&-; do sleep 0.1; done; exit $code";

    private static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(TerminalStop, Session)]
    [InlineData(TerminalStop, Group)]
    [InlineData(TerminalStop, Daemon)]
    [InlineData(TerminalStop, Nohup)]
    [InlineData(TerminalInput, Session)]
    [InlineData(TerminalOutput, Session)]
    public async Task The_terminal_s_stop_stops_all_of_the_command_and_all_of_it_goes_on(int signal, string script)
    {
        var marked = new Marked();
        var space = Unique();
        using var run = InShell(space, marked, script, "60s");
        await marked.RunAsync(2);
        var group = Parent(GuardOf(run));

        Assert.Equal(0, Libc.Kill(-Libc.GetProcessGroup(group), signal));

        await StoppedAsync(marked);
        Assert.False(ProcessTree.IsStopped(GuardOf(run)));

        Assert.Equal(0, Libc.Kill(-Libc.GetProcessGroup(group), Libc.SigContinue));

        await Eventually.HoldsAsync(
            "all of it goes on",
            Bound,
            () => Task.FromResult(marked.Running() is { Length: > 1 } all && !all.Any(ProcessTree.IsStopped))
        );
    }

    [Fact]
    public async Task What_was_stopped_until_its_lock_had_passed_on_never_works_again()
    {
        var marked = new Marked();
        var space = Unique();
        using var run = InShell(space, marked, Nohup, "6s");
        await marked.RunAsync(2);
        var group = Libc.GetProcessGroup(Parent(GuardOf(run)));

        Assert.Equal(0, Libc.Kill(-group, TerminalStop));
        await StoppedAsync(marked);
        await using var locks = node.Client(space);
        await using var next = await locks.AcquireAsync(Write("a")).WaitAsync(Bound);
        Assert.All(marked.Running(), id => Assert.True(ProcessTree.IsStopped(id)));
        var clock = Stopwatch.StartNew();
        Assert.Equal(0, Libc.Kill(-group, Libc.SigContinue));

        await Eventually.HoldsAsync("nothing of it runs", Bound, () => Task.FromResult(marked.Running().Length == 0));
        Assert.True(clock.Elapsed < KillAfter, $"it was let work for {clock.Elapsed} under another's lock");
        Assert.Equal(ExitCodes.Lost, (await run.EndAsync()).Code);
        Assert.False(next.IsLost);
    }

    [Fact]
    public async Task A_guard_that_somebody_stops_goes_on_and_the_command_with_it()
    {
        var marked = new Marked();
        using var run = Run(Unique(), marked, "trap 'exit 4' USR1; echo up; while :; do sleep 0.02; done");
        await run.SaysAsync("up");

        Assert.Equal(0, Libc.Kill(GuardOf(run), Libc.SigStop));

        await run.SaysAsync("somebody has stopped the process that guards the command");
        Assert.Equal(0, Libc.Kill(run.Id, 10));
        Assert.Equal(4, (await run.EndAsync()).Code);
    }

    [Fact]
    public async Task A_guard_that_is_kept_stopped_does_not_keep_the_command_alive()
    {
        var marked = new Marked();
        var space = Unique();
        using var run = Run(space, marked, Nohup);
        await marked.RunAsync(2);
        var guard = GuardOf(run);

        // What lets it go on is undone at once.
        using var over = new CancellationTokenSource();
        var keeper = Task.Run(() =>
        {
            while (!over.IsCancellationRequested && Libc.Kill(guard, Libc.SigStop) == 0)
            {
                Thread.Yield();
            }
        });
        try
        {
            var revoked = await Commands.RunAsync(
                node.Node,
                "revoke",
                "1",
                "--namespace",
                space,
                "--reason",
                "test",
                "--force",
                "--yes"
            );
            Assert.Equal(0, revoked.Code);

            await Eventually.HoldsAsync(
                "nothing of it runs",
                Bound,
                () => Task.FromResult(marked.Running().Length == 0)
            );
            Assert.Equal(ExitCodes.Revoked, (await run.EndAsync()).Code);
        }
        finally
        {
            await over.CancelAsync();
            await keeper;
        }
    }

    [Theory]
    [InlineData(false, 8, 30)]
    [InlineData(true, 0, 7)]
    public async Task A_guard_that_does_not_answer_is_killed_sooner_when_the_command_must_have_ended(
        bool mustHaveEnded,
        int leastSeconds,
        int mostSeconds
    )
    {
        using var guard = Process.Start("sleep", "1000");
        var said = new List<string>();
        var clock = Stopwatch.StartNew();
        using var watch = new GuardWatch(guard.Id, () => { }, () => mustHaveEnded, said.Add);
        watch.Answered();
        watch.Start();

        await guard.WaitForExitAsync().WaitAsync(Bound);

        Assert.InRange(clock.Elapsed.TotalSeconds, leastSeconds, mostSeconds);
        Assert.Contains("does not answer", Assert.Single(said), StringComparison.Ordinal);
    }

    private static string Unique() => $"stop-{Guid.NewGuid():N}";

    private static int GuardOf(Tests.CommandProcess run) => Assert.Single(ProcessTree.DescendantsOf(run.Id), IsGuard);

    private static bool IsGuard(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Contains(GuardProtocol.Mode, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static int Parent(int process) =>
        int.Parse(
            File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))[
                5..
            ],
            System.Globalization.CultureInfo.InvariantCulture
        );

    private static Task StoppedAsync(Marked marked) =>
        Eventually.HoldsAsync(
            "all of it is stopped",
            Bound,
            () => Task.FromResult(marked.Running() is { Length: > 1 } all && all.All(ProcessTree.IsStopped))
        );

    /// <summary>As a job of a shell: a group of its own that is no orphan, which the terminal's signals stop.</summary>
    private Tests.CommandProcess InShell(string space, Marked marked, string script, string abandonTimeout) =>
        Launched(["bash", "-c", Job, "shell"], space, marked, script, abandonTimeout);

    private Tests.CommandProcess Run(string space, Marked marked, string script) =>
        Launched([], space, marked, script, "60s");

    private Tests.CommandProcess Launched(
        string[] launcher,
        string space,
        Marked marked,
        string script,
        string abandonTimeout
    ) =>
        new(
            launcher,
            [],
            [
                "run",
                "--node",
                node.Node.Url.ToString(),
                "--namespace",
                space,
                "--kill-after",
                "2s",
                "--abandon-timeout",
                abandonTimeout,
                "--write",
                "a",
                "--",
                .. marked.Shell(script),
            ]
        );
}
