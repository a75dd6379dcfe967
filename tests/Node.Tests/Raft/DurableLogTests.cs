// What the log promises beyond the library's: each test is one sentence of it.
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Raft;

public class DurableLogTests
{
    [Fact]
    public async Task A_leader_that_contradicts_a_committed_entry_ends_the_node_and_changes_nothing()
    {
        await using var fixture = LogFixture.New();
        await fixture.ReceiveAsync(
            1,
            (LogFixture.LockEntry(1), 1),
            (LogFixture.LockEntry(2), 1),
            (LogFixture.LockEntry(3), 1)
        );
        await fixture.State.CommitAsync(2);

        await Assert.ThrowsAsync<ContradictionException>(() =>
            fixture.ReceiveAsync(2, (LogFixture.LockEntry(9), 2), (LogFixture.LockEntry(10), 2))
        );

        Assert.Contains(
            "an entry of term 2 at index 2, where this node has one of term 1 that it knows as committed",
            Assert.Single(fixture.Fatal),
            StringComparison.Ordinal
        );
        Assert.Equal(3, fixture.Log.LastEntryIndex);
        Assert.Equal(1, fixture.Entries.TermAt(2));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            fixture.ReceiveAsync(4, (LogFixture.LockEntry(4), 1))
        );
    }

    [Fact]
    public async Task What_is_committed_is_never_cut()
    {
        await using var fixture = LogFixture.New();
        await fixture.ReceiveAsync(
            1,
            (LogFixture.LockEntry(1), 1),
            (LogFixture.LockEntry(2), 1),
            (LogFixture.LockEntry(3), 1)
        );
        await fixture.State.CommitAsync(2);

        Assert.Throws<ContradictionException>(() => fixture.Entries.TruncateSuffix(2));
        Assert.Throws<ContradictionException>(() => fixture.Entries.Restart(1, 1));
        fixture.Entries.TruncateSuffix(3);
        Assert.Equal(2, fixture.Entries.LastIndex);
    }

    private static readonly byte[] MemberIdBytes = [.. Enumerable.Range(1, 28).Select(i => (byte)i)];

    [Fact]
    public async Task An_exchange_is_on_disk_when_it_is_acknowledged()
    {
        await using var fixture = LogFixture.New();
        for (var index = 1; index <= 50; index++)
        {
            await fixture.ReceiveAsync(index, (LogFixture.LockEntry(index), 1));
            Assert.Equal(index, fixture.Log.FlushedIndex);
        }
    }

    [Fact]
    public async Task A_late_duplicate_of_an_exchange_cuts_nothing_off()
    {
        await using var fixture = LogFixture.New();
        var entries = Enumerable.Range(1, 5).Select(i => (LogFixture.LockEntry(i), 1L)).ToArray();
        await fixture.ReceiveAsync(1, entries);
        await fixture.ReceiveAsync(1, entries[..3]);
        Assert.Equal(5, fixture.Log.LastEntryIndex);
    }

    [Fact]
    public async Task A_tail_of_another_term_is_replaced()
    {
        await using var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, [.. Enumerable.Range(1, 5).Select(i => (LogFixture.LockEntry(i), 1L))]);
        await fixture.ReceiveAsync(3, (LogFixture.LockEntry(3), 1), (LogFixture.LockEntry(9), 2));
        Assert.Equal(4, fixture.Log.LastEntryIndex);
        Assert.Equal(4, fixture.Log.FlushedIndex);
    }

    [Fact]
    public async Task An_empty_exchange_flushes_too()
    {
        await using var fixture = LogFixture.New();
        fixture.Entries.Append(new RaftEntry(LogFixture.LockEntry(1), 1, null, isConfiguration: false));
        Assert.Equal(0, fixture.Log.FlushedIndex);
        await fixture.ReceiveAsync(2);
        Assert.Equal(1, fixture.Log.FlushedIndex);
    }

    [Fact]
    public async Task An_exchange_whose_flush_failed_is_never_acknowledged_later()
    {
        await using var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, (LogFixture.LockEntry(1), 1));
        fixture.Obstruct("log/spare.tmp.filling");
        var entries = Enumerable.Range(2, 100).Select(i => (LogFixture.LockEntry(i), 1L)).ToArray();
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.ReceiveAsync(2, entries));
        Assert.Single(fixture.Fatal);

        // The leader sends it once more, and then only asks whether it is there.
        fixture.Clear("log/spare.tmp.filling");
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.ReceiveAsync(2, entries));
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.ReceiveAsync(102));
    }

    [Fact]
    public async Task A_torn_tail_that_was_never_acknowledged_is_cut_off_quietly()
    {
        var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, [.. Enumerable.Range(1, 10).Select(i => (LogFixture.LockEntry(i), 1L))]);
        fixture = await fixture.ReopenAsync(harm: closed =>
        {
            closed.MarkEnd(5);
            TearLastEntry(closed);
        });
        Assert.Equal(9, fixture.Log.LastEntryIndex);
        await fixture.ReceiveAsync(10, (LogFixture.LockEntry(11), 2));
        fixture = await fixture.ReopenAsync();
        Assert.Equal(10, fixture.Log.LastEntryIndex);
        await fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_torn_entry_that_was_on_disk_once_is_damage()
    {
        var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, [.. Enumerable.Range(1, 10).Select(i => (LogFixture.LockEntry(i), 1L))]);
        await Assert.ThrowsAsync<DamagedDataException>(() => fixture.ReopenAsync(harm: TearLastEntry));
        await fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_damaged_entry_before_others_that_were_written_later_is_damage_even_if_the_mark_lags()
    {
        var fixture = LogFixture.New();
        for (var index = 1; index <= 3; index++)
        {
            await fixture.ReceiveAsync(index, (LogFixture.LockEntry(index), 1));
        }

        var error = await Assert.ThrowsAsync<DamagedDataException>(() =>
            fixture.ReopenAsync(harm: closed =>
            {
                closed.MarkEnd(0);
                LogFixture.Tear(closed.SegmentFiles()[^1], SegmentFormat.HeaderBytes + 16, 8);
            })
        );
        Assert.Contains("more had been written", error.Message, StringComparison.Ordinal);
        await fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_missing_file_of_the_log_is_damage()
    {
        var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, [.. Enumerable.Range(1, 60).Select(i => (LogFixture.LockEntry(i), 1L))]);
        Assert.True(fixture.SegmentFiles().Length > 2);
        await Assert.ThrowsAsync<DamagedDataException>(() =>
            fixture.ReopenAsync(harm: closed => File.Delete(closed.SegmentFiles()[1]))
        );
        await fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_leader_whose_flush_fails_ends_too()
    {
        await using var fixture = LogFixture.New();
        var term = await fixture.State.IncrementTermAsync(new ClusterMemberId(MemberIdBytes));
        fixture.Obstruct("log/spare.tmp.filling");
        for (var i = 1; i <= 60 && fixture.Fatal.Count == 0; i++)
        {
            await fixture.State.AppendAsync(new BinaryLogEntry { Content = LogFixture.LockEntry(i), Term = term });
        }

        await InProcessCluster.UntilAsync(() => fixture.Fatal.Count == 1, "the leader lingers");
        await Assert.ThrowsAnyAsync<Exception>(async () =>
            await fixture.State.AppendAsync(new BinaryLogEntry { Content = LogFixture.LockEntry(2), Term = term })
        );
        fixture.Clear("log/spare.tmp.filling");
    }

    [Fact]
    public async Task A_vote_that_could_not_be_written_is_never_given_away_later()
    {
        await using var fixture = LogFixture.New();
        var candidate = new ClusterMemberId(MemberIdBytes);
        fixture.Obstruct("vote.tmp");
        await Assert.ThrowsAnyAsync<Exception>(async () => await fixture.State.UpdateVotedForAsync(candidate));
        Assert.Single(fixture.Fatal);
        fixture.Clear("vote.tmp");
        await Assert.ThrowsAnyAsync<Exception>(async () => await fixture.State.UpdateVotedForAsync(candidate));
        await Assert.ThrowsAnyAsync<Exception>(async () => await fixture.State.UpdateTermAsync(7, resetLastVote: true));
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.ReceiveAsync(1, (LogFixture.LockEntry(1), 1)));
    }

    [Fact]
    public async Task A_leader_appends_only_in_the_term_it_was_elected_in()
    {
        await using var fixture = LogFixture.New();
        var entry = new BinaryLogEntry { Content = LogFixture.LockEntry(1), Term = 1 };
        await Assert.ThrowsAsync<NotElectedInTermException>(async () => await fixture.State.AppendAsync(entry));

        var term = await fixture.State.IncrementTermAsync(new ClusterMemberId(MemberIdBytes));
        Assert.Equal(term, fixture.Log.LeadershipTerm);
        Assert.Equal(
            1,
            await fixture.State.AppendAsync(new BinaryLogEntry { Content = LogFixture.LockEntry(1), Term = term })
        );
    }

    [Fact]
    public async Task A_deposed_leader_that_knows_a_new_term_appends_nothing_in_it()
    {
        await using var fixture = LogFixture.New();
        var term = await fixture.State.IncrementTermAsync(new ClusterMemberId(MemberIdBytes));
        await fixture.State.UpdateTermAsync(term + 1, resetLastVote: true);
        Assert.Equal(term + 1, fixture.State.Term);
        var entry = new BinaryLogEntry { Content = LogFixture.LockEntry(1), Term = fixture.State.Term };
        await Assert.ThrowsAsync<NotElectedInTermException>(async () => await fixture.State.AppendAsync(entry));
        Assert.Equal(0, fixture.Log.LastEntryIndex);
    }

    [Fact]
    public async Task A_lagging_member_is_sent_a_bounded_piece()
    {
        await using var fixture = LogFixture.New();
        var large = new byte[500_000];
        for (var index = 1; index <= 40; index++)
        {
            await fixture.ReceiveAsync(index, (large, 1));
        }

        var count = await fixture.State.ReadAsync(new Counting(), 1, 40, CancellationToken.None);
        Assert.InRange(count, 1, 10);
    }

    [Fact]
    public async Task Terms_never_decrease_along_the_log()
    {
        await using var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, (LogFixture.LockEntry(1), 5));
        await Assert.ThrowsAsync<NotElectedInTermException>(() =>
            fixture.ReceiveAsync(2, (LogFixture.LockEntry(2), 3))
        );
        Assert.Equal(1, fixture.Log.LastEntryIndex);
    }

    [Fact]
    public async Task The_waiters_of_an_overwritten_entry_are_not_told_of_the_one_that_replaced_it()
    {
        await using var fixture = LogFixture.New();
        var term = await fixture.State.IncrementTermAsync(new ClusterMemberId(MemberIdBytes));
        var waiter = new Waiter();
        var batch = new ProposedBatch(77, [waiter]);
        await fixture.State.AppendAsync(
            new BinaryLogEntry
            {
                Content = LogFixture.LockEntry(1, batchId: 77),
                Term = term,
                Context = batch,
            }
        );

        await fixture.ReceiveAsync(1, (LogFixture.LockEntry(2, batchId: 88), term + 1));
        await fixture.State.CommitAsync(1);
        await fixture.State.WaitForApplyAsync(1);

        Assert.Equal(1, fixture.Host.Read(machine => machine.LiveCount));
        Assert.Empty(waiter.Told);
        batch.SetOutcomeUnknown();
        batch.SetOutcomeUnknown();
        Assert.Equal(["in doubt"], waiter.Told);
    }

    private sealed class Waiter : PendingCommand
    {
        public List<string> Told { get; } = [];

        public override void WriteTo(EntryWriter writer) => throw new NotSupportedException();

        public override void OnApplied(in LockEvent reply) => Told.Add("applied");

        public override void OnOutcomeUnknown() => Told.Add("in doubt");

        public override void OnDropped() => Told.Add("dropped");
    }

    private sealed class Counting : ILogEntryConsumer<IRaftLogEntry, int>
    {
        public ValueTask<int> ReadAsync<TEntry, TList>(TList entries, long? snapshotIndex, CancellationToken token)
            where TEntry : IRaftLogEntry
            where TList : IReadOnlyList<TEntry> => ValueTask.FromResult(entries.Count);
    }

    private static void TearLastEntry(LogFixture closed)
    {
        var file = closed.SegmentFiles()[^1];
        LogFixture.Tear(file, LogFixture.UsedBytes(file) - 1, 1);
    }
}
