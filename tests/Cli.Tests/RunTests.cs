// "raftlocks run" and "raftlocks lock" as processes: what the child gets, how it ends, and when it is ended.
using RaftLocks.Client;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Cli.Tests;

public class RunTests(OneNode node) : IClassFixture<OneNode>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_child_gets_the_token_and_its_code_is_passed_on()
    {
        using var run = Run(
            "child",
            "--write",
            "a/b",
            "--read",
            @"c\/d",
            "--",
            "sh",
            "-c",
            "echo token=$RAFTLOCKS_FENCING_TOKEN; exit 7"
        );

        var ended = await run.EndAsync();

        Assert.Equal(7, ended.Code);
        Assert.Contains("token=1", ended.Out, StringComparison.Ordinal);
        await using var locks = node.Client("child");
        Assert.NotNull(await locks.TryAcquireAsync(Write("a")));
    }

    [Fact]
    public async Task The_lock_is_held_while_the_child_runs_and_the_others_are_told_their_place()
    {
        using var first = Run("held", "--label", "build-7", "--write", "a", "--", "cat");
        await using var locks = node.Client("held");
        await Eventually.HoldsAsync(
            "the lock is held",
            Bound,
            async () =>
            {
                var held = await locks.TryAcquireAsync(Write("a"));
                await (held?.DisposeAsync() ?? default);
                return held is null;
            }
        );
        using var second = Run("held", "--write", "a", "--", "true");
        Assert.Equal(
            ExitCodes.NotAcquired,
            (await Run("held", "--write", "a", "--wait", "0", "--", "true").EndAsync()).Code
        );
        Assert.Equal(
            ExitCodes.NotAcquired,
            (await Run("held", "--write", "a", "--wait", "100ms", "--", "true").EndAsync()).Code
        );

        first.Input.Close();

        Assert.Equal(0, (await first.EndAsync()).Code);
        Assert.Equal(0, (await second.EndAsync()).Code);
    }

    [Fact]
    public async Task Signals_reach_the_child()
    {
        using var run = Run(
            "signal",
            "--write",
            "a",
            "--",
            "sh",
            "-c",
            "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done"
        );
        await run.SaysAsync("up");

        Signals.Send(run.Id, Signal.Terminate);

        Assert.Equal(9, (await run.EndAsync()).Code);
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_told_and_the_lock_is_released()
    {
        var ended = await Run("missing", "--write", "a", "--", "/no/such/program").EndAsync();

        Assert.Equal(ExitCodes.CouldNotStart, ended.Code);
        await using var locks = node.Client("missing");
        Assert.NotNull(await locks.TryAcquireAsync(Write("a")));
    }

    [Theory]
    [InlineData("/no/such/program", "no such file", "run", "--write", "a")]
    [InlineData("no-such-program", "no such program in the PATH", "run", "--write", "a")]
    [InlineData("/tmp", "it is a folder, or may not be executed", "run", "--write", "a")]
    [InlineData("/etc/passwd", "it is a folder, or may not be executed", "run", "--write", "a")]
    [InlineData("no-such-program", "no such program in the PATH", "elect", "a")]
    public async Task A_command_that_can_t_run_is_told_before_it_waits(
        string program,
        string problem,
        params string[] command
    )
    {
        await using var locks = node.Client("before");
        await using var held = await locks.AcquireAsync(Write("a"));

        var ended = await new CommandProcess([
            .. command,
            "--node",
            node.Node.Url.ToString(),
            "--namespace",
            "before",
            "--",
            program,
        ]).EndAsync();

        Assert.Equal(ExitCodes.CouldNotStart, ended.Code);
        Assert.Contains($"{program}: ", ended.Error, StringComparison.Ordinal);
        Assert.Contains(problem, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("in line", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_while_it_waits_it_ends_and_gives_up_its_place()
    {
        await using var locks = node.Client("interrupted");
        await using var held = await locks.AcquireAsync(Write("a"));
        using var run = Run("interrupted", "--write", "a", "--", "true");
        await LiveAsync("interrupted", 2);

        Signals.Send(run.Id, Signal.Terminate);

        Assert.Equal(ExitCodes.Interrupted, (await run.EndAsync()).Code);
        await LiveAsync("interrupted", 1);
    }

    [Fact]
    public async Task When_the_cluster_is_silent_the_child_has_ended_before_the_lock_can_pass_on()
    {
        await using var cluster = new LocalCluster(1);
        await cluster.StartAsync();
        using var run = new CommandProcess(
            "run",
            "--node",
            cluster.Nodes[0].Url.ToString(),
            "--abandon-timeout",
            "5s",
            "--kill-after",
            "1s",
            "--write",
            "a",
            "--",
            "sh",
            "-c",
            "trap 'echo stays' TERM; echo up; while :; do sleep 0.05; done"
        );
        await run.SaysAsync("up");

        // It stands still, so it can't give the lock to anybody: whatever ends the child, it is its own clock.
        await cluster.Nodes[0].FreezeAsync();
        var ended = await run.EndAsync();

        Assert.Equal(ExitCodes.Lost, ended.Code);
        Assert.Contains("stays", ended.Out, StringComparison.Ordinal);
        Assert.Contains("the lock is lost", ended.Error, StringComparison.Ordinal);
        Assert.Contains("the abandon timeout of 5 s;", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frozen_process_sees_when_it_wakes_that_its_lock_is_lost()
    {
        using var holder = new CommandProcess(
            "lock",
            "--node",
            node.Node.Url.ToString(),
            "--namespace",
            "frozen",
            "--abandon-timeout",
            "1s",
            "--write",
            "a"
        );
        await holder.SaysAsync("acquired");
        Signals.Send(holder.Id, Signal.Stop);
        await using var locks = node.Client("frozen");
        await using var next = await locks.AcquireAsync(Write("a")).WaitAsync(Bound);

        Signals.Send(holder.Id, Signal.Continue);

        Assert.Equal(ExitCodes.Lost, (await holder.EndAsync()).Code);
        Assert.False(next.IsLost);
    }

    [Fact]
    public async Task Lock_holds_until_Enter()
    {
        using var holder = new CommandProcess(
            "lock",
            "--node",
            node.Node.Url.ToString(),
            "--namespace",
            "by-hand",
            "--write",
            "a"
        );
        await holder.SaysAsync("fencing token 1");
        await using var locks = node.Client("by-hand");
        Assert.Null(await locks.TryAcquireAsync(Write("a")));

        await holder.Input.WriteLineAsync();
        var ended = await holder.EndAsync();

        Assert.Equal(0, ended.Code);
        Assert.Contains("released", ended.Out, StringComparison.Ordinal);
        Assert.NotNull(await locks.TryAcquireAsync(Write("a")));
    }

    private CommandProcess Run(string space, params string[] arguments) =>
        new(["run", "--node", node.Node.Url.ToString(), "--namespace", space, .. arguments]);

    private Task LiveAsync(string space, int count) =>
        Eventually.HoldsAsync(
            $"{count} live requests",
            Bound,
            async () => (await node.Node.Http.StatsAsync(space))?.GetProperty("live").GetInt32() == count
        );
}
