// Writes that do not come back are noticed, and a process that was frozen is not taken for one that waits for its disk.
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Tests.Raft;

public sealed class DiskWatchTests : IDisposable
{
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider time = new();
    private readonly List<string> stalled = [];
    private readonly List<string> hung = [];
    private readonly DiskWatch watch;

    public DiskWatchTests() =>
        watch = new DiskWatch(
            Stall,
            Hang,
            operation => Note(stalled, operation),
            operation => Note(hung, operation),
            time
        );

    public void Dispose() => watch.Dispose();

    [Theory]
    [InlineData("/data/log/000000000001-0000000000000000001.log", "the log", true)]
    [InlineData("/data/log/end.tmp", "the log", true)]
    [InlineData("/data/log", "the log", true)]
    [InlineData("/data/vote.tmp", "the vote", true)]
    [InlineData("/data/members", "the list of members", true)]
    [InlineData("/data/node.json.tmp", "the node's identity", true)]
    [InlineData("/data/snapshots/00000000000000000064.snapshot.tmp", "a snapshot", false)]
    [InlineData("/data/snapshots", "a snapshot", false)]
    [InlineData("/data/log/spare.tmp.filling", "the log", false)]
    public void A_write_that_does_not_come_back_is_told_of_by_name_first_as_a_stall_if_others_wait_for_it(
        string path,
        string what,
        bool othersWait
    )
    {
        using var operation = watch.Watch(path);
        operation.Begin();
        Pass(Stall + (2 * Tick));
        Assert.Equal(othersWait ? [what] : [], All(stalled));
        Assert.Equal(othersWait, watch.IsStalled);
        Assert.Empty(All(hung));
        Pass(Hang - Stall);
        Assert.Equal([what], All(hung));
        Pass(Hang);
        Assert.Equal([what], All(hung));
    }

    [Fact]
    public void Writes_that_come_back_are_never_told_of_however_many_there_are()
    {
        using var operation = watch.Watch("/data/vote");
        for (var i = 0; i < 20; i++)
        {
            operation.Begin();
            Pass(Stall - (2 * Tick));
            operation.End();
        }

        Assert.Empty(All(stalled));
        Assert.Empty(All(hung));
    }

    [Fact]
    public void What_is_written_back_at_a_start_is_watched_piece_by_piece()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        var path = Path.Combine(folder.FullName, "vote");
        var bytes = new byte[(3 * WatchedFileSystem.PieceBytes) + 7];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        var (slow, pieces) = CountingFiles.Make(before: () => Pass(Hang - (2 * Tick)));
        var files = new WatchedFileSystem(slow, watch);

        files.WriteBack(path);
        files.WriteBack(path, offset: WatchedFileSystem.PieceBytes, length: 5);

        Assert.Empty(All(hung));
        Assert.Equal(5, pieces().Count);
        Assert.Equal(bytes, File.ReadAllBytes(path));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void After_a_stall_the_next_one_is_told_of_again()
    {
        using var operation = watch.Watch("/data/vote");
        for (var i = 1; i <= 3; i++)
        {
            operation.Begin();
            Pass(Stall + (2 * Tick));
            operation.End();
            Pass(Tick);
            Assert.False(watch.IsStalled);
            Assert.Equal(i, All(stalled).Length);
        }
    }

    [Fact]
    public void A_process_that_was_frozen_has_not_waited_for_its_disk()
    {
        using var operation = watch.Watch("/data/vote");
        operation.Begin();
        Pass(Tick);
        time.Advance(TimeSpan.FromMinutes(1));
        watch.Look();
        Assert.Empty(All(stalled));
        Assert.Empty(All(hung));
    }

    [Fact]
    public void A_file_that_is_closed_is_forgotten()
    {
        var operation = watch.Watch("/data/vote");
        operation.Begin();
        operation.Dispose();
        Pass(Hang + Stall);
        Assert.Empty(All(stalled));
    }

    private static void Note(List<string> told, DiskOperation operation)
    {
        lock (told)
        {
            told.Add(operation.What);
        }
    }

    private static string[] All(List<string> told)
    {
        lock (told)
        {
            return [.. told];
        }
    }

    private void Pass(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Tick)
        {
            time.Advance(Tick);
            watch.Look();
        }
    }
}
