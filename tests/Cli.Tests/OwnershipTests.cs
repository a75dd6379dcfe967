// "raftlocks run" owns everything that its command starts: when it has ended, for whatever reason, nothing of its
// command works on.
using System.Diagnostics;
using RaftLocks.Cli.Guard;

namespace RaftLocks.Cli.Tests;

public sealed class OwnershipTests(OneNode node) : IClassFixture<OneNode>
{
    private const string Child = "sleep 1000 & wait";
    private const string Session = "setsid sleep 1000 & wait";
    private const string Daemon = "(setsid sh -c 'sleep 1000 & sleep 1000' &) ; sleep 1000";
    private const string Deaf =
        "trap '' TERM HUP INT USR1; (while :; do sleep 0.1; done) & while :; do sleep 0.1; done";
    private static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(1);

    // Beyond --kill-after: for a busy machine.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(6);

    public static TheoryData<string, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, bool>();
            foreach (
                var how in new[] { "SIGTERM", "SIGKILL", "SIGUSR1", "SIGSTOP", "guard killed", "revoked by force" }
            )
            {
                foreach (var script in new[] { Child, Daemon, Deaf })
                {
                    cases.Add(how, script, script != Daemon);
                }

                cases.Add(how, Daemon, true);
            }

            cases.Add("SIGKILL", Session, false);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Nothing_of_the_command_works_on(string how, string script, bool withCgroup)
    {
        var marked = new Marked();
        var space = $"own-{Guid.NewGuid():N}";
        using var run = Run(space, marked, script, withCgroup);
        await marked.RunAsync(2);

        // A deaf command goes on after a signal that it was handed: the lock is still held for it.
        if (how is "SIGTERM" or "SIGUSR1" && script == Deaf)
        {
            Send(run.Id, how);
            Send(run.Id, "SIGKILL");
        }
        else if (how == "guard killed")
        {
            Libc.Kill(Assert.Single(ProcessTree.DescendantsOf(run.Id), id => IsGuard(id)), Libc.SigKill);
        }
        else if (how == "revoked by force")
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
        }
        else
        {
            Send(run.Id, how);
        }

        await NothingRunsAsync(marked);
        if (how is not ("SIGKILL" or "SIGSTOP") && script != Deaf)
        {
            await run.EndAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_guard_that_is_killed_as_soon_as_the_command_is_there_leaves_nothing(bool withCgroup)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var marked = new Marked();
            using var run = Run($"own-{Guid.NewGuid():N}", marked, Child, withCgroup);
            var guard = 0;
            await Eventually.HoldsAsync(
                "there is a guard",
                Slack + Slack,
                () => Task.FromResult((guard = ProcessTree.DescendantsOf(run.Id).FirstOrDefault(IsGuard)) != 0)
            );
            SpinWait.SpinUntil(() => ProcessTree.DescendantsOf(guard).Count > 0, Slack + Slack);

            Assert.Equal(0, Libc.Kill(guard, Libc.SigKill));

            Assert.True((await run.EndAsync()).Code is ExitCodes.Failed or ExitCodes.CouldNotStart);
            Assert.Empty(marked.Running());
        }
    }

    // A pipe that is full and that nobody reads, the process itself keeping it open.
    private const string Unread =
        "exec 3<>\"$0\"; dd if=/dev/zero of=\"$0\" bs=4096 oflag=nonblock 2>&-; exec \"$@\" 2>&3 3>&-";

    [Theory]
    [InlineData("SIGKILL", Child, -1)]
    [InlineData("SIGKILL", Deaf, -1)]
    [InlineData("SIGSTOP", Deaf, -1)]
    [InlineData("guard killed", Deaf, ExitCodes.Failed)]
    [InlineData("--force", Child, ExitCodes.Revoked)]
    [InlineData("--force", Deaf, ExitCodes.Revoked)]
    [InlineData("--grace=3s", Child, ExitCodes.Revoked)]
    [InlineData("--grace=3s", Deaf, ExitCodes.Revoked)]
    public async Task Nothing_works_on_when_nobody_reads_the_error_output(string how, string script, int code)
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-cli-");
        try
        {
            var pipe = Path.Combine(folder.FullName, "unread");
            using (var made = Process.Start("mkfifo", pipe))
            {
                await made.WaitForExitAsync();
            }

            var marked = new Marked();
            var space = $"own-{Guid.NewGuid():N}";
            using var run = Run(space, marked, script, withCgroup: true, "bash", "-c", Unread, pipe);
            await marked.RunAsync(2);

            if (how.StartsWith("--", StringComparison.Ordinal))
            {
                var revoked = await Commands.RunAsync(
                    node.Node,
                    ["revoke", "1", "--namespace", space, "--reason", "test", "--yes", .. how.Split('=')]
                );
                Assert.Equal(0, revoked.Code);
            }
            else if (how == "guard killed")
            {
                Libc.Kill(Assert.Single(ProcessTree.DescendantsOf(run.Id), id => IsGuard(id)), Libc.SigKill);
            }
            else
            {
                Send(run.Id, how);
            }

            await NothingRunsAsync(marked);
            if (code >= 0)
            {
                Assert.Equal(code, (await run.EndAsync()).Code);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(Child, true)]
    [InlineData(Daemon, false)]
    [InlineData(Deaf, true)]
    public async Task After_a_revoke_with_grace_too(string script, bool withCgroup)
    {
        var marked = new Marked();
        var space = $"own-{Guid.NewGuid():N}";
        using var run = Run(space, marked, script, withCgroup);
        await marked.RunAsync(2);

        var revoked = await Commands.RunAsync(
            node.Node,
            "revoke",
            "1",
            "--namespace",
            space,
            "--reason",
            "test",
            "--grace",
            "3s",
            "--yes"
        );

        Assert.Equal(0, revoked.Code);
        await NothingRunsAsync(marked);
        Assert.Equal(ExitCodes.Revoked, (await run.EndAsync()).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_command_leaves_behind_is_ended_before_the_lock_is_released(bool withCgroup)
    {
        var marked = new Marked();
        using var run = Run("leaves", marked, "setsid sleep 1000 & (sleep 1000 &) ; echo done; exit 3", withCgroup);

        var ended = await run.EndAsync();

        Assert.Equal(3, ended.Code);
        Assert.Empty(marked.Running());
        Assert.Contains("left 2 processes behind", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_forks_and_forks_does_not_get_away(bool withCgroup)
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-cli-");
        try
        {
            // Each generation leaves its session, ignores SIGTERM and is followed by another one.
            var script = Path.Combine(folder.FullName, "fork.sh");
            await File.WriteAllTextAsync(script, "trap '' TERM\nsleep 0.02\nsetsid sh \"$0\" &\n");
            var marked = new Marked();
            using var run = Run($"forks-{withCgroup}", marked, $"sh {script} & sleep 1000", withCgroup);
            await marked.RunAsync(2);

            Send(run.Id, "SIGKILL");

            await NothingRunsAsync(marked);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task When_the_cluster_is_silent_all_of_it_has_ended_before_the_lock_can_pass_on()
    {
        await using var cluster = new LocalCluster(1);
        await cluster.StartAsync();
        var marked = new Marked();
        using var run = new CommandProcess([
            "run",
            "--node",
            cluster.Nodes[0].Url.ToString(),
            "--abandon-timeout",
            "6s",
            "--kill-after",
            "1s",
            "--write",
            "a",
            "--",
            .. marked.Shell(Daemon),
        ]);
        await marked.RunAsync(3);
        await cluster.Nodes[0].FreezeAsync();
        var clock = Stopwatch.StartNew();

        await Eventually.HoldsAsync(
            "nothing of it runs",
            TimeSpan.FromSeconds(30),
            () => Task.FromResult(marked.Running().Length == 0)
        );

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(6), $"it ran for {clock.Elapsed} of 6 s");
        Assert.Equal(ExitCodes.Lost, (await run.EndAsync()).Code);
    }

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

    private static void Send(int process, string signal) =>
        Assert.Equal(
            0,
            Libc.Kill(
                process,
                signal switch
                {
                    "SIGTERM" => 15,
                    "SIGUSR1" => 10,
                    "SIGSTOP" => 19,
                    _ => 9,
                }
            )
        );

    private static async Task NothingRunsAsync(Marked marked)
    {
        var clock = Stopwatch.StartNew();

        // What forks is easily missed in one look.
        var looks = 0;
        await Eventually.HoldsAsync(
            "nothing of it runs",
            KillAfter + Slack,
            () => Task.FromResult((looks = marked.Running().Length == 0 ? looks + 1 : 0) >= 20)
        );
        Assert.True(clock.Elapsed < KillAfter + Slack + Slack);
    }

    private CommandProcess Run(string space, Marked marked, string script, bool withCgroup, params string[] launcher) =>
        new(
            launcher,
            [(CommandCgroup.Variable, withCgroup ? "" : "off")],
            [
                "run",
                "--node",
                node.Node.Url.ToString(),
                "--namespace",
                space,
                "--kill-after",
                "1s",
                "--abandon-timeout",
                "10s",
                "--write",
                "a",
                "--",
                .. marked.Shell(script),
            ]
        );
}
