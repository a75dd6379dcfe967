// A member that has a change of members in its log, and has not applied it, must not take part in a majority of the old
// members: not after a restart either. The others may have gone on without it.
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process clusters")]
[Trait("Category", "Slow")]
public class TwoMajoritiesTests
{
    private const int Before = 1;
    private const int Since = 100;
    private const int InitialMembers = 3;
    private const int LongLeaseMs = 3000;
    private const int LongStallMs = 120_000;
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongEnoughForElections = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Two_additions_that_a_member_has_not_applied_give_the_old_members_no_majority()
    {
        var disks = Disks();
        await using var cluster = NewCluster(disks, spareNodes: 2);
        using var end = new EndOfStalls(disks);
        var (a, b, c) = await StartAsync(cluster);
        await cluster.StopAsync(c.Node);
        var disk = disks[b.Name];
        disk.Stall("members");

        foreach (var number in (int[])[3, 4])
        {
            await cluster.StartJoiningAsync(number);
            await AddAsync(cluster, a, number);
        }

        await CrashUnappliedAsync(cluster, b.Node, disk);

        // Three of five: they need neither B nor C.
        Assert.Equal("Acquired", await LockAsync(a.Node, Since));
        await StopAsync(cluster, "n4", "n5", a.Name);

        await cluster.StartAsync(b.Number);
        await cluster.StartAsync(c.Number);
        await NobodyLeadsAsync(cluster);
        Assert.Equal(5, cluster.Running.First(node => node.Status.Name == b.Name).Members.Count);

        // C does not know the fourth, which alone can win. As a member does that misses a leader for long, it asks
        // around (ClusterBootstrap).
        await cluster.StartAsync(3);
        var fourth = cluster.Running.First(node => node.Status.Name == "n4");
        cluster
            .Running.First(node => node.Status.Name == c.Name)
            .Observe(fourth.AppliedMembers, fourth.AppliedMembersIndex);
        await KnowsTheLockAsync(cluster);
    }

    [Fact]
    public async Task A_replaced_member_that_comes_back_gives_one_that_has_not_applied_the_replacement_no_majority()
    {
        var disks = Disks();
        await using var cluster = NewCluster(disks, spareNodes: 1);
        using var end = new EndOfStalls(disks);
        var (a, b, c) = await StartAsync(cluster);
        await cluster.StopAsync(c.Node);
        var disk = disks[b.Name];
        disk.Stall("members");

        await ChangeAsync(token =>
            a.Node.Members.FirstOrDefault(member => member.Name == c.Name) is { } removed
                ? a.Node.RemoveMemberAsync(removed, token)
                : Task.FromResult(true)
        );
        await cluster.StartJoiningAsync(3);
        await AddAsync(cluster, a, 3);
        await CrashUnappliedAsync(cluster, b.Node, disk);

        Assert.Equal("Acquired", await LockAsync(a.Node, Since));
        await StopAsync(cluster, "n4", a.Name);

        await cluster.StartAsync(b.Number);
        await cluster.StartAsync(c.Number);
        await NobodyLeadsAsync(cluster);

        await cluster.StartAsync(3);
        await KnowsTheLockAsync(cluster);
    }

    private static Dictionary<string, StallingFiles> Disks() =>
        Enumerable
            .Range(1, Limits.MaxMembers)
            .ToDictionary(i => $"n{i}", _ => new StallingFiles(), StringComparer.Ordinal);

    // Until the power is cut, the first leader must stay the leader and a disk may stall, on a slow machine too. Nodes
    // that are started again afterwards have usual timeouts.
    private static InProcessCluster NewCluster(Dictionary<string, StallingFiles> disks, int spareNodes)
    {
        var starts = 0;
        return new InProcessCluster(
            spareNodes,
            options =>
            {
                var usual = options with { FileSystem = disks[options.Name] };
                return Interlocked.Increment(ref starts) > InitialMembers + spareNodes
                    ? usual
                    : usual with
                    {
                        LeaseMs = LongLeaseMs,
                        LeaderSilenceMs = LongStallMs,
                        ElectionTimeoutLowMs = LongLeaseMs + 100,
                        ElectionTimeoutHighMs = LongLeaseMs + 600,
                        DiskStallMs = LongStallMs,
                        DiskHangMs = LongStallMs,
                    };
            }
        );
    }

    private static Task AddAsync(InProcessCluster cluster, Named leader, int number) =>
        ChangeAsync(token => leader.Node.AddMemberAsync(cluster.AsMember(number), token));

    // A machine that stalls may keep a new member from catching up in time, or cost the leader its majority for a
    // moment: then an operator asks again.
    private static async Task ChangeAsync(Func<CancellationToken, Task<bool>> change)
    {
        using var bound = new CancellationTokenSource(WaitBound);
        while (true)
        {
            try
            {
                if (await change(bound.Token).WaitAsync(WaitBound))
                {
                    return;
                }
            }
            catch (InvalidOperationException) when (!bound.IsCancellationRequested) { }

            await Task.Delay(50, bound.Token);
        }
    }

    /// <summary>Starts three: the leader, and the other two.</summary>
    private static async Task<(Named A, Named B, Named C)> StartAsync(InProcessCluster cluster)
    {
        await cluster.StartKnowingEachOtherAsync();
        var leader = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(leader, Before, 10);
        var others = cluster.Running.Where(node => node != leader).ToArray();
        return (new Named(leader), new Named(others[0]), new Named(others[1]));
    }

    /// <summary>Ends a node as a crash does, in the middle of applying a change of members.</summary>
    private static async Task CrashUnappliedAsync(InProcessCluster cluster, RaftNode node, StallingFiles disk)
    {
        await InProcessCluster.UntilAsync(() => disk.Standing > 0, "the member applies nothing");
        disk.CutPower();
        await cluster.StopAsync(node);
    }

    private static async Task StopAsync(InProcessCluster cluster, params string[] names)
    {
        foreach (var name in names)
        {
            await cluster.StopAsync(cluster.Running.First(node => node.Status.Name == name));
        }
    }

    private static async Task NobodyLeadsAsync(InProcessCluster cluster)
    {
        using var watched = new CancellationTokenSource(LongEnoughForElections);
        while (!watched.IsCancellationRequested)
        {
            Assert.All(cluster.Running, node => Assert.Null(node.Current));
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private static async Task KnowsTheLockAsync(InProcessCluster cluster)
    {
        var leader = await cluster.LeaderAsync();
        Assert.Equal("Enqueued", await LockAsync(leader, Since + 1));
    }

    private static async Task<string> LockAsync(RaftNode leader, int session) =>
        await (await InProcessCluster.LockAsync(leader, session, 1, resource: Since))[0].Outcome;

    /// <summary>Ends what stalls: a test that failed must not wait for its nodes for ever.</summary>
    private sealed class EndOfStalls(Dictionary<string, StallingFiles> disks) : IDisposable
    {
        public void Dispose()
        {
            foreach (var disk in disks.Values)
            {
                disk.CutPower();
            }
        }
    }

    private sealed record Named(RaftNode Node)
    {
        public string Name { get; } = Node.Status.Name;

        public int Number => Name[1] - '1';
    }
}
