using System.Diagnostics;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Two changes of members behind a member that has appended them and applied neither. The old members must not be a
// majority for it, after a crash either: the new ones have gone on without it.

[Collection(Measured.Name)]
public sealed class TwoMajoritiesTests(ITestOutputHelper output) : ClusterTest(output)
{
    private static readonly TimeSpan LongEnoughForElections = TimeSpan.FromSeconds(5);

    [ShimFact]
    public async Task Two_changes_behind_a_member_that_applies_nothing_give_no_second_majority()
    {
        var cluster = Describe(3);
        var disks = cluster.Nodes.ToDictionary(
            node => node.Name,
            node => new FaultyDisk(node, cluster.DataOf(node.Name))
        );
        await cluster.StartAsync();
        var a = await cluster.LeaderAsync();
        var b = cluster.Nodes.First(node => node != a);
        var c = cluster.Nodes.First(node => node != a && node != b);
        await c.KillAsync();

        List<NodeProcess> added = [];
        List<string> members = [];
        foreach (var name in (string[])["n4", "n5"])
        {
            var (joining, member) = cluster.DescribeJoining(name);
            Own(joining).Start();
            added.Add(joining);
            members.Add(member);
            await Eventually.HoldsAsync(
                $"{name} waits",
                AnswerBound,
                async () => await joining.Http.ClusterAsync() is { Role: "joining" }
            );
        }

        // B appends the changes and acknowledges them, and can't apply them: it has written neither list of members
        // when it dies. A node whose disk hangs ends after some seconds, so only the changes themselves happen
        // meanwhile.
        disks[b.Name].Hang("members");
        foreach (var member in members)
        {
            var (code, log) = await OperateAsync("member", "add", member, "--node", a.Url.ToString());
            Assert.True(code == 0, log);
        }

        await b.KillAsync();
        disks[b.Name].Mend();

        // Three of five go on, and then are gone.
        var holder = await ClientAsync(a, "split", 600_000);
        Assert.Equal("acquired", (await holder.LockAsync("z")).State);
        NodeProcess[] three = [a, .. added];
        await Task.WhenAll(three.Select(node => node.KillAsync()));

        // B and C alone were a majority of the old members.
        b.Start();
        c.Start();
        var since = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync(
            "B and C run",
            AnswerBound,
            async () => await b.Http.ClusterAsync() is not null && await c.Http.ClusterAsync() is not null
        );
        while (Stopwatch.GetElapsedTime(since) < LongEnoughForElections)
        {
            Assert.False(await b.Http.IsReadyAsync());
            Assert.False(await c.Http.IsReadyAsync());
        }

        // The fourth knows what was acquired. C, which does not know the fourth, finds out about it.
        added[0].Start();
        var second = await ClientAsync(cluster, "split");
        var waits = await second.LockAsync("z");
        Assert.Equal((2UL, "enqueued"), (waits.Id, waits.State));
    }
}
