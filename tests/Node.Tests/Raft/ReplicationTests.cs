// What a leader sends, and that nobody waits for whoever is slow to take it.
using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process clusters")]
public class ReplicationTests
{
    private const int SnapshotEveryBytes = 4_000;

    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task While_a_member_does_not_answer_the_log_goes_on_and_is_cut_off_behind_its_snapshots()
    {
        await using var fixture = LogFixture.New(SnapshotEveryBytes);
        await CommitAsync(fixture, 1, 10);
        var frozen = new FrozenMember();
        var sending = fixture.State.ReadAsync(frozen, 1, 10, CancellationToken.None).AsTask();
        await frozen.Asked.Task.WaitAsync(WaitBound);

        await CommitAsync(fixture, 11, 400).WaitAsync(WaitBound);
        await fixture.Snapshots.FinishAsync();
        await CommitUntilAsync(
            fixture,
            401,
            () => fixture.SnapshotFiles().Length == 1,
            "old snapshots are not deleted"
        );

        Assert.False(sending.IsCompleted);
        frozen.Answer.SetResult();
        Assert.Equal([.. Enumerable.Range(1, 10).Select(i => LogFixture.LockEntry(i))], await sending);
    }

    [Fact]
    public async Task A_snapshot_that_is_being_sent_may_be_deleted()
    {
        await using var fixture = LogFixture.New(SnapshotEveryBytes);
        await CommitAsync(fixture, 1, 200);
        await fixture.Snapshots.FinishAsync();
        var sent = fixture.Snapshots.Newest!.Index;
        var frozen = new FrozenMember();
        var sending = fixture.State.ReadAsync(frozen, 1, 200, CancellationToken.None).AsTask();
        await frozen.Asked.Task.WaitAsync(WaitBound);
        var file = fixture.SnapshotFiles().Single(path => path.Contains($"{sent}.", StringComparison.Ordinal));

        await CommitAsync(fixture, 201, 600);
        await fixture.Snapshots.FinishAsync();
        await CommitUntilAsync(fixture, 601, () => !File.Exists(file), "the old snapshot is not deleted");

        frozen.Answer.SetResult();
        var bytes = Assert.Single(await sending);
        Assert.Null(SnapshotFormat.Check(new MemoryStream(bytes), out var check));
        Assert.Equal(sent, check.Index);
    }

    [Fact]
    public async Task Whoever_reads_while_snapshots_are_published_finds_all_that_the_log_still_has()
    {
        await using var fixture = LogFixture.New(SnapshotEveryBytes);
        await CommitAsync(fixture, 1, 100);
        using var done = new CancellationTokenSource();
        var readers = Enumerable
            .Range(0, 2)
            .Select(reader =>
                Task.Run(async () =>
                {
                    var reads = 0;
                    while (!done.IsCancellationRequested)
                    {
                        var last = fixture.Log.LastEntryIndex;
                        var first = Math.Max(1, last - (reads % 90));
                        await fixture.State.ReadAsync(new Lookup(first), first, last, CancellationToken.None);
                        reads++;
                    }

                    return reads;
                })
            )
            .ToArray();
        for (var index = 101; index <= 2_000; index += 20)
        {
            await CommitAsync(fixture, index, index + 19);
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));
        Assert.Empty(fixture.Fatal);
    }

    [Theory]
    [InlineData(HeartbeatResult.ReplicatedWithLeaderTerm, HeartbeatResult.Replicated)]
    [InlineData(HeartbeatResult.Replicated, HeartbeatResult.Replicated)]
    [InlineData(HeartbeatResult.Rejected, HeartbeatResult.Rejected)]
    public async Task The_answer_to_a_piece_is_no_vote_for_the_whole(HeartbeatResult said, HeartbeatResult counts)
    {
        await using var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, [.. Enumerable.Range(1, 20).Select(_ => (new byte[500_000], 1L))]);
        var pushed = 0;
        fixture.Log.MemberLags = () => pushed++;
        Assert.Equal(
            counts,
            (await fixture.State.ReadAsync(new Member(said), 1, 20, CancellationToken.None)).Value.Result
        );
        Assert.Equal(1, pushed);
        Assert.Equal(
            said,
            (await fixture.State.ReadAsync(new Member(said), 20, 20, CancellationToken.None)).Value.Result
        );
        Assert.Equal(1, pushed);
    }

    [Fact]
    public async Task A_snapshot_is_no_vote_for_what_comes_after_it()
    {
        await using var fixture = LogFixture.New(SnapshotEveryBytes);
        await CommitAsync(fixture, 1, 100);
        await fixture.Snapshots.FinishAsync();
        var answer = await fixture.State.ReadAsync(
            new Member(HeartbeatResult.ReplicatedWithLeaderTerm),
            1,
            100,
            CancellationToken.None
        );
        Assert.Equal(HeartbeatResult.Replicated, answer.Value.Result);
    }

    [Fact]
    public async Task A_member_that_has_committed_what_a_snapshot_holds_is_not_sent_it_again()
    {
        await using var fixture = LogFixture.New(SnapshotEveryBytes);
        await CommitAsync(fixture, 1, 100);
        await fixture.Snapshots.FinishAsync();
        var answer = await fixture.State.ReadAsync(
            new Member(HeartbeatResult.Rejected, term: fixture.Log.LeadershipTerm),
            1,
            100,
            CancellationToken.None
        );
        Assert.Equal(HeartbeatResult.Replicated, answer.Value.Result);

        var newer = await fixture.State.ReadAsync(
            new Member(HeartbeatResult.Rejected, term: fixture.Log.LeadershipTerm + 1),
            1,
            100,
            CancellationToken.None
        );
        Assert.Equal(HeartbeatResult.Rejected, newer.Value.Result);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task An_idle_leader_does_not_wait_for_its_next_heartbeat_while_a_member_lags()
    {
        // 600 pieces: at the few rounds a second that an idle leader makes they would take more than two minutes.
        await using var cluster = new InProcessCluster(change: options =>
            options with
            {
                SnapshotEveryBytes = 64 << 20,
                CatchUpBytes = 100,
            }
        );
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var away = cluster.Running.First(node => node != leader);
        await cluster.StopAsync(away);
        for (var i = 1; i <= 600; i++)
        {
            await InProcessCluster.LockAsync(await cluster.LeaderAsync(), i, 1);
        }

        await cluster.StartAsync(int.Parse(away.Status.Name[1..]) - 1);
        var back = cluster.Running.Single(node => node.Status.Name == away.Status.Name);
        await InProcessCluster.UntilAsync(
            () => back.Read(machine => machine.LiveCount) == 600,
            "the member has not caught up"
        );
    }

    /// <summary>The library cuts the log off when something is appended, or the next time.</summary>
    private static async Task CommitUntilAsync(LogFixture fixture, int first, Func<bool> condition, string otherwise)
    {
        using var timeout = new CancellationTokenSource(WaitBound);
        for (var index = first; !condition(); index++)
        {
            Assert.False(timeout.IsCancellationRequested, otherwise);
            await CommitAsync(fixture, index, index).WaitAsync(WaitBound);
        }
    }

    private static async Task CommitAsync(LogFixture fixture, int first, int last)
    {
        await fixture.ReceiveAsync(
            first,
            [.. Enumerable.Range(first, last - first + 1).Select(i => (LogFixture.LockEntry(i), 1L))]
        );
        await fixture.State.CommitAsync(last);
        await fixture.State.WaitForApplyAsync(last);
    }

    /// <summary>Takes what it is sent, and does not answer until it is told to.</summary>
    private sealed class FrozenMember : ILogEntryConsumer<IRaftLogEntry, List<byte[]>>
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<List<byte[]>> ReadAsync<TEntry, TList>(
            TList entries,
            long? snapshotIndex,
            CancellationToken token
        )
            where TEntry : IRaftLogEntry
            where TList : IReadOnlyList<TEntry>
        {
            Asked.SetResult();
            await Answer.Task;
            var contents = new List<byte[]>();
            for (var i = 0; i < entries.Count; i++)
            {
                contents.Add(await entries[i].ToByteArrayAsync(token: token));
            }

            return contents;
        }
    }

    private sealed class Lookup(long first) : ILogEntryConsumer<IRaftLogEntry, int>
    {
        public async ValueTask<int> ReadAsync<TEntry, TList>(
            TList entries,
            long? snapshotIndex,
            CancellationToken token
        )
            where TEntry : IRaftLogEntry
            where TList : IReadOnlyList<TEntry>
        {
            for (var i = 0; i < entries.Count && snapshotIndex is null; i++)
            {
                Assert.Equal(LogFixture.LockEntry((int)first + i), await entries[i].ToByteArrayAsync(token: token));
            }

            return entries.Count;
        }
    }

    private sealed class Member(HeartbeatResult says, long term = 0)
        : ILogEntryConsumer<IRaftLogEntry, Result<ReplicationStatus>>
    {
        public ValueTask<Result<ReplicationStatus>> ReadAsync<TEntry, TList>(
            TList entries,
            long? snapshotIndex,
            CancellationToken token
        )
            where TEntry : IRaftLogEntry
            where TList : IReadOnlyList<TEntry> =>
            ValueTask.FromResult(
                new Result<ReplicationStatus>
                {
                    Term = term,
                    Value = new ReplicationStatus { Result = says, LastIndex = 0 },
                }
            );
    }
}
