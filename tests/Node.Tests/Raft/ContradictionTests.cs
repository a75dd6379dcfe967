// A member whose log is not that of the others: whole, with the right terms, and with another command in one place. It
// is found out by its state at the next entry, and ends; the others go on.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process clusters")]
[Trait("Category", "Slow")]
public class ContradictionTests
{
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_member_whose_log_was_changed_ends_at_the_next_entry_and_the_others_go_on()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartKnowingEachOtherAsync();
        var leader = await cluster.LeaderAsync();
        for (var session = 1; session <= 10; session++)
        {
            await InProcessCluster.LockAsync(leader, session, count: 1);
        }

        var changed = cluster.Running.First(node => node != leader);
        var number = changed.Status.Name[1] - '1';
        await InProcessCluster.UntilAsync(
            () => changed.Read(machine => machine.LiveCount) == 10,
            "the member does not follow"
        );
        await cluster.StopAsync(changed);
        ChangeOneCommand(cluster.OptionsOf(number));
        await cluster.StartAsync(number);
        changed = cluster.Running.First(node => node.Status.Name == $"n{number + 1}");

        leader = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(leader, firstSession: 11, count: 1);
        await InProcessCluster.UntilAsync(
            () =>
                cluster.Running.All(node =>
                    node.Status.AppliedIndex == leader.Status.AppliedIndex
                    && node.Read(machine => machine.LiveCount) == 11
                ),
            "not all follow"
        );

        // Far fewer entries than lie between two of the state machine's own digests.
        Assert.All(cluster.Running, node => Assert.Empty(node.Read(machine => machine.DigestHistory)));
        Dictionary<RaftNode, ReplicaView[]> views = [];
        foreach (var node in cluster.Running)
        {
            await using var watch = Watch(cluster, node);
            await watch.LookAsync();
            views[node] = [.. watch.Views];
        }

        var fatalError = await changed.Fatal.WaitAsync(WaitBound);
        Assert.Equal(FatalErrorKind.Contradiction, fatalError.Kind);
        Assert.Contains("a majority which agrees", fatalError.Reason, StringComparison.Ordinal);
        foreach (var well in cluster.Running.Where(node => node != changed))
        {
            Assert.False(well.Fatal.IsCompleted);
            Assert.All(views[well], view => Assert.Equal(view.Name == changed.Status.Name, view.DiffersAt > 0));
        }

        await cluster.StopAsync(changed);
        Assert.Equal(
            "Acquired",
            await (await InProcessCluster.LockAsync(await cluster.LeaderAsync(), firstSession: 12, count: 1))[0].Outcome
        );
    }

    private static ReplicaWatch Watch(InProcessCluster cluster, RaftNode node) =>
        new(
            () => node.Members.Where(member => member.Name != node.Status.Name),
            () => node.RecentDigests,
            (member, _) =>
                Task.FromResult<IReadOnlyList<DigestPoint>>(
                    cluster.Running.First(other => other.Status.Name == member.Name).RecentDigests
                ),
            node.EndOutvoted,
            TimeProvider.System,
            NullLogger.Instance
        );

    /// <summary>Writes the log anew from the first command on, with another session in it.</summary>
    private static void ChangeOneCommand(RaftNodeOptions options)
    {
        using var log = EntryLog.Open(
            OsFileSystem.Instance,
            Path.Combine(options.DataDirectory, "log"),
            options.LogSegmentBytes,
            (0, 0),
            expected: true
        );
        RaftEntry[] entries = [.. Enumerable.Range(1, (int)log.LastIndex).Select(index => log[index])];
        var first = Array.FindIndex(entries, entry => !entry.Content.IsEmpty);
        log.TruncateSuffix(first + 1);
        for (var i = first; i < entries.Length; i++)
        {
            log.Append(
                i == first
                    ? new RaftEntry(LogFixture.LockEntry(1, batchId: 77), entries[i].Term, null, isConfiguration: false)
                    : entries[i]
            );
        }

        log.Flush();
    }
}
