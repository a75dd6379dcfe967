// Semaphores and elections from the command line, each by processes of its own.
using System.Text.Json;
using RaftLocks.Client;

namespace RaftLocks.Cli.Tests;

public sealed class ElectionTests(OneNode node) : IClassFixture<OneNode>
{
    private const string Hold = "echo up; cat";

    [Fact]
    public async Task As_many_hold_a_semaphore_as_it_has_slots_and_dotnet_programs_share_it()
    {
        using var first = Run("semaphore", "--semaphore", "a/b", "--slots", "2", "--", "sh", "-c", Hold);
        await first.SaysAsync("up");
        await using var locks = node.Client("semaphore");
        var second = await locks.Semaphore(2, "a", "b").TryAcquireAsync();
        Assert.NotNull(second);

        using var third = Run("semaphore", "--semaphore", "a/b", "--slots", "2", "--wait", "0", "--", "true");
        Assert.Equal(ExitCodes.NotAcquired, (await third.EndAsync()).Code);
        using var waiting = Run("semaphore", "--semaphore", "a/b", "--slots", "2", "--", "sh", "-c", "exit 3");
        await Eventually.HoldsAsync(
            "it waits",
            TimeSpan.FromSeconds(30),
            async () => (await node.Node.Http.StatsAsync("semaphore"))?.GetProperty("live").GetInt32() > 2
        );
        first.Input.Close();

        Assert.Equal(0, (await first.EndAsync()).Code);
        Assert.Equal(3, (await waiting.EndAsync()).Code);
        await second.DisposeAsync();
    }

    [Fact]
    public async Task A_slot_that_is_revoked_ends_its_command_only()
    {
        using var first = Run("slots", "--semaphore", "s", "--slots", "2", "--", "sh", "-c", Hold);
        await first.SaysAsync("up");
        using var second = Run("slots", "--semaphore", "s", "--slots", "2", "--", "sh", "-c", Hold);
        await second.SaysAsync("up");

        Assert.Equal(
            0,
            (
                await Commands.RunAsync(
                    node.Node,
                    "revoke",
                    "1",
                    "--namespace",
                    "slots",
                    "--reason",
                    "test",
                    "--grace",
                    "2s",
                    "--yes"
                )
            ).Code
        );

        Assert.Equal(ExitCodes.Revoked, (await first.EndAsync()).Code);
        second.Input.Close();
        Assert.Equal(0, (await second.EndAsync()).Code);
    }

    [Fact]
    public async Task The_leader_s_command_runs_alone_and_the_next_one_leads_when_it_ends()
    {
        using var first = Elect(
            "one",
            "n",
            "--label",
            "first",
            "--",
            "sh",
            "-c",
            "echo term $RAFTLOCKS_FENCING_TOKEN; cat; exit 6"
        );
        await first.SaysAsync("term 1");
        using var second = Elect(
            "one",
            "n",
            "--label",
            "second",
            "--",
            "sh",
            "-c",
            "echo term $RAFTLOCKS_FENCING_TOKEN; exit 7"
        );
        await second.SaysAsync("1st in line behind first");

        first.Input.Close();

        Assert.Equal(6, (await first.EndAsync()).Code);
        var ended = await second.EndAsync();
        Assert.Equal(7, ended.Code);
        Assert.Contains("term 2", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_loses_the_leadership_stands_again_and_runs_the_command_again()
    {
        var marked = new Marked();
        using var candidate = Elect(
            "again",
            ["n", "--", .. marked.Shell("echo term $RAFTLOCKS_FENCING_TOKEN; exec sleep 1000")]
        );
        await candidate.SaysAsync("term 1");

        Assert.Equal(
            0,
            (
                await Commands.RunAsync(
                    node.Node,
                    "revoke",
                    "1",
                    "--namespace",
                    "again",
                    "--reason",
                    "test",
                    "--grace",
                    "5s",
                    "--yes"
                )
            ).Code
        );

        await candidate.SaysAsync("term 2");
        await marked.RunAsync(1);
        Signals.Send(candidate.Id, Signal.Terminate);
        Assert.Equal(143, (await candidate.EndAsync()).Code);
        Assert.Empty(marked.Running());
    }

    [Fact]
    public async Task With_once_it_ends_instead()
    {
        using var candidate = Elect("once", "n", "--once", "--", "sh", "-c", "echo up; exec sleep 1000");
        await candidate.SaysAsync("up");

        await Commands.RunAsync(
            node.Node,
            "revoke",
            "1",
            "--namespace",
            "once",
            "--reason",
            "test",
            "--force",
            "--yes"
        );

        Assert.Equal(ExitCodes.Revoked, (await candidate.EndAsync()).Code);
    }

    [Fact]
    public async Task A_command_that_is_not_there_ends_the_candidacy()
    {
        using var candidate = Elect("missing-command", "n", "--", "/no/such/program");

        Assert.Equal(ExitCodes.CouldNotStart, (await candidate.EndAsync()).Code);
    }

    [Fact]
    public async Task A_candidate_that_is_interrupted_gives_up_its_place()
    {
        await using var locks = node.Client("candidate");
        await using var held = await locks.AcquireAsync(
            [LockResource.Write("n")],
            options: null,
            CancellationToken.None
        );
        using var candidate = Elect("candidate", "n", "--", "true");
        await candidate.SaysAsync("1st in line");

        Signals.Send(candidate.Id, Signal.Terminate);

        Assert.Equal(ExitCodes.Interrupted, (await candidate.EndAsync()).Code);
        await Eventually.HoldsAsync(
            "one is left",
            TimeSpan.FromSeconds(30),
            async () => (await node.Node.Http.StatsAsync("candidate"))?.GetProperty("live").GetInt32() == 1
        );
    }

    [Fact]
    public async Task Watch_tells_who_leads_as_it_changes()
    {
        using var watch = new CommandProcess(
            "elect",
            "a/n",
            "--watch",
            "--node",
            node.Node.Url.ToString(),
            "--namespace",
            "watched"
        );
        using var json = new CommandProcess(
            "elect",
            "a/n",
            "--watch",
            "--json",
            "--node",
            node.Node.Url.ToString(),
            "--namespace",
            "watched"
        );
        await watch.SaysAsync("nobody leads");
        await json.SaysAsync("\"leader\":null");
        using var leader = Elect("watched", "a/n", "--label", "billing-2", "--", "sh", "-c", Hold);
        await watch.SaysAsync("billing-2 leads in term 1");
        await json.SaysAsync("billing-2");
        leader.Input.Close();
        await leader.EndAsync();
        await Eventually.HoldsAsync(
            "both tell of it",
            TimeSpan.FromSeconds(30),
            () => Task.FromResult(watch.Lines("nobody") == 2 && json.Lines("null") == 2)
        );

        Signals.Send(watch.Id, Signal.Terminate);
        Signals.Send(json.Id, Signal.Terminate);

        Assert.Equal(ExitCodes.Interrupted, (await watch.EndAsync()).Code);
        var lines = (await json.EndAsync())
            .Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        Assert.Equal([null, "billing-2", null], lines.Select(line => line.GetProperty("leader").GetString()));
        Assert.Equal([null, "1", null], lines.Select(line => line.GetProperty("term").GetString()));
    }

    private CommandProcess Run(string space, params string[] arguments) => Command("run", space, arguments);

    private CommandProcess Elect(string space, params string[] arguments) => Command("elect", space, arguments);

    private CommandProcess Command(string name, string space, string[] arguments) =>
        new([name, "--node", node.Node.Url.ToString(), "--namespace", space, .. arguments]);
}
