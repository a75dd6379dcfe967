// Snapshots that a node saves by itself: when, where, how many, and what is told when one can't be saved.
using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Backup;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Backup;

public sealed class ScheduledSnapshotsTests : IDisposable
{
    private const string Node = "n-1";

    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("raftlocks-");
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly Lines log = new();
    private bool knowsLeader = true;
    private bool isDamaged;
    private int taken;

    private string Target => Path.Combine(root.FullName, "saved");

    public void Dispose() => root.Delete(recursive: true);

    [Theory]
    [InlineData("30m", "2026-01-31T12:00:00Z", "2026-01-31T12:30:00Z")]
    [InlineData("6h", "2026-01-31T12:00:00Z", "2026-01-31T18:00:00Z")]
    [InlineData("2d", "2026-01-31T12:00:00Z", "2026-02-02T12:00:00Z")]
    [InlineData("02:30", "2026-01-31T12:00:00Z", "2026-02-01T02:30:00Z")]
    [InlineData("02:30", "2026-01-31T02:30:00Z", "2026-02-01T02:30:00Z")]
    [InlineData("23:59", "2026-01-31T12:00:00Z", "2026-01-31T23:59:00Z")]
    public void The_next_one_is_due_when_the_schedule_says(string schedule, string saved, string due) =>
        Assert.Equal(At(due), Plan(schedule).NextAfter(At(saved)));

    [Fact]
    public async Task The_first_is_saved_at_once_and_the_others_at_their_time()
    {
        await using var run = Run(Plan("6h"));
        await SavedAsync(1);
        Assert.Equal(["n-1-20260131T120000Z-00000000000000000000.snapshot"], Files());

        await AdvancedUntilAsync(() => Files().Count >= 2, TenMinutes);

        Assert.True(time.GetUtcNow() - time.Start >= TimeSpan.FromHours(6));
        Assert.True(string.CompareOrdinal(Files()[1], "n-1-20260131T18") > 0, Files()[1]);
        Assert.Equal((null, 0), (run.Snapshots.Problem, run.Snapshots.Failures));
    }

    [Fact]
    public async Task What_is_saved_can_be_restored()
    {
        await using var run = Run(Plan("6h"));
        await SavedAsync(1);

        using var saved = File.OpenRead(Path.Combine(Target, Files()[0]));
        Assert.Null(SnapshotFormat.Restore(saved, 0, out var restored));
        Assert.Equal(0, restored!.LiveCount);
    }

    [Fact]
    public async Task After_a_restart_the_schedule_goes_on_from_the_newest_that_is_there()
    {
        await using (Run(Plan("6h")))
        {
            await SavedAsync(1);
        }

        time.Advance(TimeSpan.FromHours(2));
        await using var run = Run(Plan("6h"));
        await Eventually.HoldsAsync(() => Task.FromResult(run.Snapshots.Age == TimeSpan.FromHours(2)));
        Assert.Single(Files());

        await AdvancedUntilAsync(() => Files().Count >= 2, TenMinutes);
        Assert.True(time.GetUtcNow() - time.Start >= TimeSpan.FromHours(6));
    }

    [Fact]
    public async Task Only_so_many_of_this_node_are_kept_and_the_files_of_others_are_left_alone()
    {
        Directory.CreateDirectory(Target);
        string[] others = ["n-20200101T000000Z-00000000000000000001.snapshot", "n-1-notes.snapshot", "n-1-x.txt"];
        foreach (var other in others)
        {
            File.WriteAllText(Path.Combine(Target, other), "");
        }

        await using var run = Run(Plan("1h", keep: 2));

        // On a busy machine time may pass while one is being saved: that one has failed, and the next is waited for.
        await AdvancedUntilAsync(
            () => SavedNames() is { Count: >= 5 } saved && OwnFiles().SequenceEqual(saved.TakeLast(2)),
            TenMinutes
        );

        Assert.All(others, other => Assert.True(File.Exists(Path.Combine(Target, other)), other));

        List<string> SavedNames() =>
            [
                .. log
                    .Said.Where(line => line.Contains(" is saved in ", StringComparison.Ordinal))
                    .Select(line => Path.GetFileName(line.Split(" is saved in ")[^1])),
            ];

        List<string> OwnFiles() => [.. Files().Except(others, StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_a_problem_until_it_can()
    {
        File.WriteAllText(Target, "in the way");
        await using var run = Run(Plan("6h"));
        await Eventually.HoldsAsync(() => Task.FromResult(run.Snapshots.Problem is not null));
        Assert.Contains(
            log.Said,
            line => line.Contains($"to {Target}, and it is tried again", StringComparison.Ordinal)
        );

        File.Delete(Target);
        await AdvancedUntilAsync(() => Files().Count == 1 && run.Snapshots.Problem is null);

        Assert.True(run.Snapshots.Failures >= 1);
    }

    [Fact]
    public async Task What_would_be_damaged_gets_no_name()
    {
        isDamaged = true;
        await using var run = Run(Plan("6h"));
        await Eventually.HoldsAsync(() => Task.FromResult(run.Snapshots.Problem is not null));

        Assert.Contains("can't be restored", run.Snapshots.Problem, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Target));
    }

    [Fact]
    public async Task Without_a_leader_nothing_is_saved_and_an_election_is_no_problem()
    {
        knowsLeader = false;
        await using var run = Run(Plan("6h"));
        await Eventually.HoldsAsync(() => Task.FromResult(Directory.Exists(Target)));
        await AdvancedUntilAsync(() => run.Snapshots.Problem is not null);

        Assert.True(time.GetUtcNow() - time.Start >= TimeSpan.FromMilliseconds(Limits.ScheduledSnapshotRetryMs));
        Assert.Contains("no leader", run.Snapshots.Problem, StringComparison.Ordinal);
        knowsLeader = true;
        await AdvancedUntilAsync(() => run.Snapshots.Problem is null);
        Assert.Single(Files());
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private SnapshotPlan Plan(string schedule, int keep = 7)
    {
        var start = CommandLine.Read(
            ["--snapshot-schedule", schedule, "--snapshot-folder", Target, "--snapshot-keep", $"{keep}"],
            new Hashtable(),
            new ConfigurationBuilder().Build(),
            TextWriter.Null,
            TextWriter.Null
        );
        return start.Settings!.Snapshots!;
    }

    private Running Run(SnapshotPlan plan) =>
        new(
            new ScheduledSnapshots(
                plan,
                new SnapshotFolder(plan, Node, OsFileSystem.Instance),
                () => Task.FromResult<OpenSnapshot?>(Snapshot()),
                () => true,
                () => knowsLeader,
                log,
                time
            )
        );

    private OpenSnapshot Snapshot()
    {
        Interlocked.Increment(ref taken);
        var stream = new MemoryStream();
        SnapshotFormat.Write(stream, new LockStateMachine().Freeze());
        if (isDamaged)
        {
            stream.GetBuffer()[stream.Length - 1] ^= 1;
        }

        return new OpenSnapshot(stream, 0, 0);
    }

    private List<string> Files() =>
        Directory.Exists(Target)
            ?
            [
                .. Directory
                    .GetFiles(Target, "*.snapshot")
                    .Select(path => Path.GetFileName(path))
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    private Task SavedAsync(int count) =>
        Eventually.HoldsAsync(() =>
            Task.FromResult(Files().Count == count && log.Said.Count >= Volatile.Read(ref taken))
        );

    // Time stands still while one is being saved: what comes of it is a line of the log.
    private Task AdvancedUntilAsync(Func<bool> condition, TimeSpan? step = null) =>
        Eventually.HoldsAsync(() =>
        {
            if (log.Said.Count >= Volatile.Read(ref taken))
            {
                time.Advance(step ?? TimeSpan.FromSeconds(1));
            }

            return Task.FromResult(condition());
        });

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource end = new();
        private readonly Task task;

        public Running(ScheduledSnapshots snapshots)
        {
            Snapshots = snapshots;
            task = snapshots.RunAsync(end.Token);
        }

        public ScheduledSnapshots Snapshots { get; }

        public async ValueTask DisposeAsync()
        {
            await end.CancelAsync();
            await task;
            end.Dispose();
        }
    }
}
