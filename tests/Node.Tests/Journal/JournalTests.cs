// What is applied is in the journal once, whatever restarts, snapshots and failures come between; and what is missing
// is said.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Journal;
using RaftLocks.Ledger;
using RaftLocks.Node.Journal;

namespace RaftLocks.Node.Tests.Journal;

public class JournalTests
{
    [Fact]
    public async Task Every_applied_entry_is_written_once()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(500);
        await bench.StopAsync();

        Assert.Equal([(CheckpointReason.Beginning, 0L, 500L, "")], bench.Read());
    }

    [Fact]
    public async Task After_a_restart_the_journal_goes_on_where_it_was()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(100);
        var snapshot = bench.Freeze();
        bench.Apply(100);
        await bench.StopAsync();
        bench.Start(snapshot);
        bench.Apply(100);
        await bench.StopAsync();
        bench.Start();
        await bench.StopAsync();

        Assert.Equal([(CheckpointReason.Beginning, 0L, 300L, "")], bench.Read());
    }

    [Fact]
    public async Task Of_a_folder_that_has_gone_nobody_can_tell_what_is_left_on_its_disk()
    {
        await using var bench = new JournalBench();
        var gone = new JournalFolder(bench.Options.Directory + "-gone");

        Assert.Equal(-1, new JournalRetention(bench.Options, gone, TimeProvider.System, NullLogger.Instance).FreeMiB);
    }

    [Fact]
    public async Task A_snapshot_that_is_ahead_leaves_a_gap_that_is_told()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        await bench.StopAsync();
        bench.Apply(10);
        bench.Start(bench.Freeze());
        bench.Apply(5);
        await bench.StopAsync();

        var segments = bench.Read();

        Assert.Equal(
            [(CheckpointReason.Beginning, 0L, 10L), (CheckpointReason.Gap, 20L, 25L)],
            segments.Select(segment => (segment.Reason, segment.Start, segment.End))
        );
        Assert.Contains("snapshot", segments[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_that_is_installed_leaves_a_gap_that_is_told()
    {
        await using var other = new JournalBench();
        other.Apply(50);
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        bench.Install(other.Freeze());
        bench.Apply(7);
        await bench.StopAsync();

        Assert.Equal(
            [(CheckpointReason.Beginning, 0L, 10L), (CheckpointReason.Gap, 50L, 57L)],
            bench.Read().Select(segment => (segment.Reason, segment.Start, segment.End))
        );
    }

    [Fact]
    public async Task Segments_follow_each_other_and_the_oldest_are_deleted()
    {
        await using var bench = new JournalBench();
        bench.Options = bench.Options with { MaxBytes = 4 << 20 };
        bench.Start();
        for (var i = 0; i < 100; i++)
        {
            bench.Apply(100, labelBytes: 1000);
            await bench.Journal.FlushAsync();
        }

        await bench.StopAsync();

        var segments = bench.Read();
        Assert.InRange(segments.Count, 2, 8);
        Assert.InRange(bench.Folder.Segments.Sum(segment => segment.Bytes), 1 << 20, 8 << 20);
        Assert.True(segments[0].Start > 0);
        Assert.Equal(10_000, segments[^1].End);
        Assert.All(segments, segment => Assert.Equal(CheckpointReason.Continues, segment.Reason));
        Assert.Equal(
            segments.Skip(1).Select(segment => segment.Start),
            segments.SkipLast(1).Select(segment => segment.End)
        );
    }

    [Fact]
    public async Task A_restart_does_not_write_a_large_base_again()
    {
        await using var bench = new JournalBench();
        bench.Options = bench.Options with { MaxBytes = 4 << 20 };
        bench.Start();
        for (var i = 0; i < 25; i++)
        {
            // In steps, so that a segment that is full ends there.
            bench.Hold(100, labelBytes: 1000);
            await bench.Journal.FlushAsync();
        }

        await bench.StopAsync();
        var before = bench.Folder.Segments[^1];
        Assert.True(
            before.Bytes > 2 * bench.Options.SegmentBytes,
            $"the newest segment has {before.Bytes} bytes: its base is not large"
        );

        bench.Start();
        bench.Apply(5);
        await bench.StopAsync();

        Assert.Equal(before.Start, bench.Folder.Segments[^1].Start);
    }

    [Fact]
    public async Task Old_segments_are_deleted_but_the_newest_stays()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(5_000, labelBytes: 1000);
        await bench.StopAsync();
        bench.Options = bench.Options with { MaxBytes = 16 << 20, MaxAge = TimeSpan.FromMilliseconds(1) };
        bench.Start();
        await Eventually.HoldsAsync(() =>
        {
            bench.Apply(10, labelBytes: 1000);
            return Task.FromResult(bench.Folder.Segments is [{ Start: >= 5_000 }]);
        });
    }

    [Fact]
    public async Task A_journal_to_which_little_is_written_keeps_to_its_age_too()
    {
        await using var bench = new JournalBench();
        bench.Options = bench.Options with { MaxAge = TimeSpan.FromSeconds(1) };
        bench.Start();
        bench.Apply(5);

        await Eventually.HoldsAsync(() => Task.FromResult(bench.Folder.Segments is [{ Start: 5 }]));

        await bench.StopAsync();
        Assert.Equal([(CheckpointReason.Continues, 5L, 5L, "")], bench.Read());
    }

    [Fact]
    public async Task A_clock_that_is_set_while_the_node_runs_deletes_nothing()
    {
        await using var bench = new JournalBench();
        var clock = new SetClock();
        bench.Time = clock;
        bench.Options = bench.Options with { MaxBytes = 16 << 20 };
        bench.Start();
        bench.Apply(5);
        clock.Ahead = TimeSpan.FromDays(400);
        bench.Apply(5_000, labelBytes: 1000);
        await bench.StopAsync();

        Assert.Equal(0, bench.Folder.Segments[0].Start);
        Assert.True(bench.Folder.Segments.Count > 1);
    }

    [Fact]
    public async Task What_does_not_fit_in_the_queue_is_left_out_and_told_and_the_journal_goes_on()
    {
        await using var bench = new JournalBench();
        bench.Options = bench.Options with { QueueBytes = 50_000 };
        bench.Start();
        bench.Apply(200, labelBytes: 1000);
        Assert.True(bench.Journal.Status.LeftOut > 0);

        await Eventually.HoldsAsync(() => Task.FromResult(bench.Journal.Status.State == "on"));
        bench.Apply(3);
        await bench.StopAsync();

        var segments = bench.Read();
        Assert.Equal(CheckpointReason.Gap, segments[^1].Reason);
        Assert.Contains("keep up", segments[^1].Text, StringComparison.Ordinal);
        Assert.Equal(203, segments[^1].End);
    }

    [Fact]
    public async Task A_disk_without_room_stops_the_journal_which_says_so_and_goes_on_when_there_is_room()
    {
        await using var bench = new JournalBench();
        var options = bench.Options;
        bench.Start();
        bench.Apply(10);
        await bench.StopAsync();
        bench.Options = options with { KeepFreeBytes = long.MaxValue };
        bench.Start();
        await Eventually.HoldsAsync(() => Task.FromResult(bench.Journal.Status.State == "stopped"));
        bench.Apply(10);
        Assert.Contains("--journal-keep-free-mb", bench.Journal.Status.Reason, StringComparison.Ordinal);
        await bench.StopAsync();
        bench.Options = options;
        bench.Start(bench.Freeze());
        bench.Apply(10);
        await bench.StopAsync();

        Assert.Equal(
            [(CheckpointReason.Beginning, 0L, 10L), (CheckpointReason.Gap, 20L, 30L)],
            bench.Read().Select(segment => (segment.Reason, segment.Start, segment.End))
        );
    }

    [Fact]
    public async Task A_folder_that_is_removed_while_the_node_runs_stops_the_journal_until_it_is_there_again()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        await Eventually.HoldsAsync(() => Task.FromResult(IsDeleted(bench.Options.Directory)));
        await Eventually.HoldsAsync(() =>
            Task.FromResult(
                bench.Journal.Status is { State: "stopped" } status
                    && status.Reason.Contains("folder has gone", StringComparison.Ordinal)
            )
        );
        bench.Apply(10);

        Directory.CreateDirectory(bench.Options.Directory);
        await Eventually.HoldsAsync(() => Task.FromResult(bench.Journal.Status.State == "on"));
        bench.Apply(10);
        await bench.StopAsync();

        Assert.Equal(
            [(CheckpointReason.Gap, 20L, 30L)],
            bench.Read().Select(segment => (segment.Reason, segment.Start, segment.End))
        );
    }

    [Fact]
    public async Task A_damaged_segment_is_set_aside_and_the_log_fills_the_hole_where_it_can()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        var snapshot = bench.Freeze();
        bench.Apply(10);
        await bench.StopAsync();
        var frames = Path.Combine(bench.Folder.Segments[0].Directory, "frames.0");
        var bytes = await File.ReadAllBytesAsync(frames);
        bytes[200] ^= 1;
        await File.WriteAllBytesAsync(frames, bytes);

        bench.Start(snapshot);
        bench.Apply(10);
        await bench.StopAsync();

        Assert.Equal(
            [(CheckpointReason.Gap, 10L, 30L)],
            bench.Read().Select(segment => (segment.Reason, segment.Start, segment.End))
        );
        Assert.Single(Directory.GetDirectories(bench.Options.Directory, "*.damaged"));
    }

    [Fact]
    public async Task A_journal_of_another_history_is_noticed()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        await bench.StopAsync();
        await using var other = new JournalBench { Options = bench.Options };
        other.Apply(3, labelBytes: 9);
        other.Start();
        other.Apply(20);
        await Eventually.HoldsAsync(() => Task.FromResult(other.Journal.Disagreements == 1));
        await other.StopAsync();

        Assert.Equal(23, other.Read()[^1].End);
        Assert.Equal(CheckpointReason.Gap, other.Read()[^1].Reason);
    }

    [Fact]
    public async Task A_snapshot_waits_until_the_journal_has_what_it_covers()
    {
        await using var bench = new JournalBench();
        bench.Options = bench.Options with { CommitEvery = TimeSpan.FromHours(1), LookEvery = TimeSpan.FromHours(1) };
        bench.Start();
        bench.Apply(10);

        await bench.Journal.ApplyObserver.OnCompactingAsync();

        Assert.Equal(10, bench.Journal.Status.Position);
        Assert.Equal(10, bench.Read()[^1].End);
    }

    /// <summary>The system's clock, whose wall clock can be set.</summary>
    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }

    // The journal may make a file in it at that very moment.
    private static bool IsDeleted(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(folder);
        }
    }
}
