// A disk that takes the log but no snapshot: there is an alarm, the log does not grow beyond its bound, and a node
// that waits for too long ends.
using System.Diagnostics.Metrics;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Tests.Raft;

public class SnapshotFailureTests
{
    private const int EveryBytes = 4 << 10;
    private const int AheadBytes = 8 << 10;
    private const int Enough = 400;

    [Fact]
    public async Task Repeated_snapshot_failures_keep_the_brake_on_the_log_and_it_goes_on_when_the_disk_is_well()
    {
        using var meter = new Meter("snapshot failures");
        var metrics = new RaftMetrics(meter);
        await using var fixture = LogFixture.New(options =>
            options with
            {
                SnapshotEveryBytes = EveryBytes,
                MaxBytesAheadOfSnapshot = AheadBytes,
                SnapshotRetryMs = 5,
                SnapshotTimeoutMs = 60_000,
                Metrics = metrics,
            }
        );
        Directory.Delete(fixture.SnapshotDirectory, recursive: true);
        await fixture.ReceiveAsync(1, [.. Enumerable.Range(1, Enough).Select(i => (LogFixture.LockEntry(i), 1L))]);
        await fixture.State.CommitAsync(Enough);

        // Tried again and again while everything waits, and what is applied stays within the bound.
        await InProcessCluster.UntilAsync(() => metrics.SnapshotFailuresInARow > 10, "snapshots are not tried again");
        var applied = fixture.Log.LastAppliedIndex;
        var entryBytes = SegmentFormat.SizeOf(LogFixture.LockEntry(Enough).Length);
        Assert.InRange(applied * entryBytes, EveryBytes, EveryBytes + (2 * AheadBytes));
        Assert.True(applied < Enough);
        Assert.Empty(fixture.Fatal);

        Directory.CreateDirectory(fixture.SnapshotDirectory);
        await fixture.State.WaitForApplyAsync(Enough).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, metrics.SnapshotFailuresInARow);
        Assert.NotEmpty(fixture.SnapshotFiles());
    }

    [Fact]
    public async Task A_node_that_can_write_no_snapshot_for_too_long_ends_because_of_its_disk()
    {
        await using var fixture = LogFixture.New(options =>
            options with
            {
                SnapshotEveryBytes = EveryBytes,
                MaxBytesAheadOfSnapshot = AheadBytes,
                SnapshotRetryMs = 1,
                SnapshotTimeoutMs = 20,
            }
        );
        Directory.Delete(fixture.SnapshotDirectory, recursive: true);
        await fixture.ReceiveAsync(1, [.. Enumerable.Range(1, Enough).Select(i => (LogFixture.LockEntry(i), 1L))]);
        await fixture.State.CommitAsync(Enough);
        await InProcessCluster.UntilAsync(() => fixture.Fatal.Count == 1, "the node lingers");
        Assert.Contains("No snapshot could be written", fixture.Fatal[0], StringComparison.Ordinal);
    }
}
