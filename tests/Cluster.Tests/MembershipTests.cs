using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Nodes are lost for good and replaced, as docs/operations.md tells; and a node that lost its data is not let in under
// its old name.

public sealed class MembershipTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int Halted = 70;
    private const int WrongUsage = 2;

    [Fact]
    public async Task A_dead_node_is_replaced_and_no_lock_is_lost()
    {
        var cluster = await StartAsync(3);
        var holder = await ClientAsync(cluster, "replace", 600_000);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        var leader = await cluster.LeaderAsync();
        var dead = cluster.Nodes.First(node => node != leader);
        await dead.KillAsync();
        var survivor = cluster.Nodes.First(node => node != leader && node != dead);

        // Any node can be asked: a follower sends the command to the leader.
        await DoAsync("member", "remove", dead.Name, "--node", survivor.Url.ToString());
        var (added, member) = cluster.DescribeJoining("n4");
        Own(added).Start();
        await Eventually.HoldsAsync(
            "the new node waits",
            AnswerBound,
            async () => await added.Http.ClusterAsync() is { Role: "joining" }
        );
        var list = await DoAsync("member", "add", member, "--node", survivor.Url.ToString());
        Assert.Contains("n4", list, StringComparison.Ordinal);
        Assert.DoesNotContain(dead.Name + " ", list, StringComparison.Ordinal);
        await Eventually.HoldsAsync("the new node follows", AnswerBound, added.Http.IsReadyAsync);

        // The old leader dies: the new node is half of the majority that elects the next.
        await leader.KillAsync();
        var second = await ClientAsync(cluster, "replace");
        Assert.Equal(
            ("2", "enqueued"),
            await second.LockAsync("a") is var waits ? (waits.Id.ToString(), waits.State) : default
        );

        // The dead one comes back, with all its data, and finds that it is no member any more.
        dead.Start();
        Assert.Equal(Halted, await dead.WaitForExitAsync(AnswerBound));
        Assert.Contains("removed", dead.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_lost_its_data_is_a_stranger_and_nothing_acknowledged_is_lost()
    {
        var cluster = await StartAsync(3);
        var a = await cluster.LeaderAsync();
        var b = cluster.Nodes.First(node => node != a);
        var c = cluster.Nodes.First(node => node != a && node != b);

        // A and B hold an entry that C lacks.
        await c.FreezeAsync();
        var holder = await ClientAsync(a, "stranger", 600_000);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        await b.KillAsync();
        cluster.Wipe(b.Name);
        b.Start();
        Assert.Equal(Halted, await b.WaitForExitAsync(AnswerBound));
        Assert.Contains("lost", b.Log, StringComparison.Ordinal);

        // Without A nobody has it: B, told to join, and C must not elect.
        await a.KillAsync();
        c.Thaw();
        var (joining, member) = cluster.DescribeJoining(b.Name);
        Own(joining).Start();
        Assert.Equal(Halted, await joining.WaitForExitAsync(AnswerBound));
        Assert.Contains("Remove it first", joining.Log, StringComparison.Ordinal);
        await Eventually.HoldsAsync("C notices that A is gone", AnswerBound, async () => !await c.Http.IsReadyAsync());
        await Task.Delay(3_000);
        Assert.False(await c.Http.IsReadyAsync());

        // With A back all is there, and B is let in as what it is: a new member.
        a.Start();
        var second = await ClientAsync(cluster, "stranger");
        var waits = await second.LockAsync("a");
        Assert.Equal((2UL, "enqueued"), (waits.Id, waits.State));
        await DoAsync("member", "remove", b.Name, "--node", c.Url.ToString());
        joining.Start();
        await Eventually.HoldsAsync(
            "B waits",
            AnswerBound,
            async () => await joining.Http.ClusterAsync() is { Role: "joining" }
        );
        await DoAsync("member", "add", member, "--node", c.Url.ToString());
        await Eventually.HoldsAsync("B follows", AnswerBound, joining.Http.IsReadyAsync);
    }

    [Fact]
    public async Task A_node_that_restarts_on_another_port_for_clients_is_found_there_by_everybody()
    {
        var cluster = await StartAsync(3);
        var leader = await cluster.LeaderAsync();
        await leader.KillAsync();
        var moved = Own(cluster.DescribeMoved(leader.Name));
        moved.Start();
        foreach (var node in cluster.Nodes)
        {
            await Eventually.HoldsAsync(
                $"{node.Name} knows the new port",
                AnswerBound,
                async () =>
                    await OperateAsync("member", "list", "--node", node.Url.ToString()) is (0, var list)
                    && list.Contains(moved.Url.Authority, StringComparison.Ordinal)
            );
        }

        await cluster.ReadyAsync();
        Assert.DoesNotContain(
            leader.Url.Authority,
            await DoAsync("member", "list", "--node", moved.Url.ToString()),
            StringComparison.Ordinal
        );
        var client = await ClientAsync(cluster, "moved");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
    }

    [Fact]
    public async Task An_addition_says_what_it_waits_for()
    {
        var cluster = await StartAsync(1);
        var (added, member) = cluster.DescribeJoining("n2");
        Own(added).Start();
        await Eventually.HoldsAsync(
            "the new node waits",
            AnswerBound,
            async () => await added.Http.ClusterAsync() is { Role: "joining" }
        );
        var log = await DoAsync("member", "add", member, "--node", cluster.Nodes[0].Url.ToString());
        Assert.Contains("waits until it has caught up", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_that_make_no_sense_are_refused_with_what_to_do()
    {
        var cluster = await StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var others = cluster.Nodes.Where(node => node != leader).ToArray();
        var url = leader.Url.ToString();

        Assert.Contains(
            "no member 'n9'",
            await RefusedAsync("member", "remove", "n9", "--node", url),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is a member already",
            await RefusedAsync("member", "add", cluster.MemberText("n2"), "--node", url),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "does not answer",
            await RefusedAsync("member", "add", "n4,127.0.0.1:1,http://127.0.0.1:1", "--node", url),
            StringComparison.Ordinal
        );
        var (code, told) = await OperateAsync("member", "add", "n4", "--node", url);
        Assert.Equal(WrongUsage, code);
        Assert.Contains("NAME,RAFTHOST:PORT", told, StringComparison.Ordinal);
        await others[0].KillAsync();
        Assert.Contains(
            "no majority",
            await RefusedAsync("member", "remove", others[1].Name, "--node", url),
            StringComparison.Ordinal
        );
        await DoAsync("member", "remove", others[0].Name, "--node", url);
        Assert.Contains(
            "does not answer",
            await RefusedAsync("member", "add", "n4,127.0.0.1:1,http://127.0.0.1:1", "--node", url),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Only_who_knows_the_admin_token_administers_where_one_is_set()
    {
        var cluster = await StartAsync(1, "--admin-token", "sixteen-characters");
        var url = cluster.Nodes[0].Url.ToString();

        Assert.Contains("admin token", await RefusedAsync("member", "list", "--node", url), StringComparison.Ordinal);
        Assert.Contains(
            "admin token",
            await RefusedAsync("member", "list", "--node", url, "--token", "another-sixteen-c"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "n1",
            await DoAsync("member", "list", "--node", url, "--token", "sixteen-characters"),
            StringComparison.Ordinal
        );
    }

    private async Task<string> DoAsync(params string[] arguments)
    {
        var (code, log) = await OperateAsync(arguments);
        Assert.True(code == 0, log);
        return log;
    }

    private async Task<string> RefusedAsync(params string[] arguments)
    {
        var (code, log) = await OperateAsync(arguments);
        Assert.True(code == 1, log);
        return log;
    }
}
