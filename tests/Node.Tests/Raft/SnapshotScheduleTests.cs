// When a snapshot is due, and what of the log stays behind it.
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Tests.Raft;

public class SnapshotScheduleTests
{
    [Theory]
    [InlineData(0, 100)]
    [InlineData(100, 100)]
    [InlineData(250, 250)]
    [InlineData(1_000, 400)]
    public void A_small_state_is_written_often_and_a_large_one_after_as_much_log_within_a_bound(
        long bytes,
        long dueAfter
    )
    {
        var started = new SnapshotSchedule(everyBytes: 100, aheadBytes: 50, snapshotBytes: bytes);
        var written = new SnapshotSchedule(everyBytes: 100, aheadBytes: 50, snapshotBytes: 0);
        written.Begin();
        written.Succeeded(bytes);
        var installed = new SnapshotSchedule(everyBytes: 100, aheadBytes: 50, snapshotBytes: 0);
        installed.Applied(70);
        installed.Installed(bytes);

        foreach (var schedule in (SnapshotSchedule[])[started, written, installed])
        {
            schedule.Applied(dueAfter - 1);
            Assert.False(schedule.IsDue);
            schedule.Applied(1);
            Assert.True(schedule.IsDue);
            schedule.Applied(49);
            Assert.True(schedule.MayGoOn);
            schedule.Applied(1);
            Assert.False(schedule.MayGoOn);
        }
    }

    [Fact]
    public async Task The_newest_entries_stay_in_the_log_though_a_snapshot_covers_them()
    {
        const int Kept = 20_000;
        await using var fixture = LogFixture.New(options =>
            options with
            {
                SnapshotEveryBytes = 4_000,
                KeptLogBytes = Kept,
            }
        );
        for (var index = 1; index <= 1_000; index++)
        {
            await fixture.ReceiveAsync(index, (LogFixture.LockEntry(index), 1));
            await fixture.State.CommitAsync(index);
            await fixture.State.WaitForApplyAsync(index);
        }

        await fixture.Snapshots.FinishAsync();

        var kept = fixture.Entries.Read(fixture.Entries.FirstIndex, fixture.Entries.LastIndex, long.MaxValue);
        Assert.True(fixture.Entries.FirstIndex > 1, "nothing was deleted");
        Assert.True(fixture.Snapshots.Newest!.Index > fixture.Entries.FirstIndex, "the snapshot covers nothing kept");
        Assert.InRange(kept.Sum(entry => SegmentFormat.SizeOf(entry.Content.Length)), Kept, 3 * Kept);
    }

    [Fact]
    public void What_a_failed_snapshot_would_have_covered_counts_on()
    {
        var schedule = new SnapshotSchedule(everyBytes: 100, aheadBytes: 50, snapshotBytes: 0);
        schedule.Applied(100);
        Assert.True(schedule.IsDue);
        schedule.Begin();
        schedule.Applied(20);
        schedule.Failed();
        Assert.False(schedule.IsDue, "it is tried again at once");
        Assert.True(schedule.MayGoOn);
        schedule.Applied(30);
        Assert.True(schedule.IsDue);
        Assert.False(schedule.MayGoOn);
        schedule.Begin();
        schedule.Succeeded(bytes: 10);
        Assert.True(schedule.MayGoOn);
        Assert.False(schedule.IsDue);
        Assert.Equal(0, schedule.Failures);
    }
}
