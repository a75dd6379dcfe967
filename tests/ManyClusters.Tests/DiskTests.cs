// The disk in memory does to whoever writes what a real one may do.
using RaftLocks.ManyClusters.Disk;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.ManyClusters;

/// <summary>What is durable, and what is not.</summary>
public class DiskTests
{
    private const int Tries = 64;
    private static readonly byte[] Old = [.. Enumerable.Repeat((byte)1, 2048)];
    private static readonly byte[] New = [.. Enumerable.Repeat((byte)2, 2048)];

    [Fact]
    public void What_was_written_and_not_flushed_may_be_lost_kept_or_torn()
    {
        var found = AfterPowerCuts(files =>
        {
            using var file = files.OpenWrite("/d/f");
            file.Write(New, 0);
        });
        Assert.Contains(found, bytes => bytes.SequenceEqual(Old));
        Assert.Contains(found, bytes => bytes.SequenceEqual(New));
        Assert.Contains(found, bytes => bytes.Contains((byte)1) && bytes.Contains((byte)2));
    }

    [Fact]
    public void What_was_flushed_is_kept() =>
        Assert.All(
            AfterPowerCuts(files =>
            {
                using var file = files.OpenWrite("/d/f");
                file.Write(New, 0);
                file.Flush();
            }),
            bytes => Assert.Equal(New, bytes)
        );

    [Fact]
    public void What_was_written_through_is_kept() =>
        Assert.All(
            AfterPowerCuts(files =>
            {
                using var file = files.OpenWriteThrough("/d/f");
                file.Write(New, 0);
            }),
            bytes => Assert.Equal(New, bytes)
        );

    [Fact]
    public void A_name_that_was_not_flushed_may_be_lost()
    {
        void Replace(MemoryFileSystem files, bool flushes)
        {
            using (var file = files.Create("/d/g"))
            {
                file.Write(New, 0);
                file.Flush();
            }

            files.Rename("/d/g", "/d/f");
            if (flushes)
            {
                files.FlushDirectory("/d");
            }
        }

        var found = AfterPowerCuts(files => Replace(files, flushes: false));
        Assert.Contains(found, bytes => bytes.SequenceEqual(Old));
        Assert.Contains(found, bytes => bytes.SequenceEqual(New));
        Assert.All(AfterPowerCuts(files => Replace(files, flushes: true)), bytes => Assert.Equal(New, bytes));
    }

    [Fact]
    public void A_replaced_file_is_the_old_or_the_new_one_wherever_the_power_fails() =>
        Assert.All(
            AfterPowerCuts(files =>
            {
                var disk = (IFileSystem)files;
                disk.Replace("/d/f", stream => stream.Write(New));
            }),
            bytes => Assert.Equal(New, bytes)
        );

    [Fact]
    public async Task A_disk_that_hangs_lets_go_when_it_is_well_and_a_killed_process_writes_nothing()
    {
        var disk = Prepared(seed: 1);
        var files = new MemoryFileSystem(disk);
        disk.Fault = new DiskFault(DiskFaultKind.Hang, "/d/");
        var writing = Task.Run(() => WriteThrough(files));
        var killed = new MemoryFileSystem(disk);
        var writesLast = Task.Run(() => WriteThrough(killed));
        Assert.False(writing.IsCompleted);
        killed.End();
        await Assert.ThrowsAsync<IOException>(() => writesLast.WaitAsync(TimeSpan.FromSeconds(30)));
        disk.Fault = null;
        await writing.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_disk_that_fails_says_why()
    {
        var disk = Prepared(seed: 1);
        var files = new MemoryFileSystem(disk);
        disk.Fault = new DiskFault(DiskFaultKind.Full, "/d/");
        Assert.Contains(
            "space",
            Assert.Throws<IOException>(() => WriteThrough(files)).Message,
            StringComparison.Ordinal
        );
        disk.Fault = new DiskFault(DiskFaultKind.Error, "/other");
        WriteThrough(files);
    }

    private static void WriteThrough(MemoryFileSystem files)
    {
        using var file = files.OpenWriteThrough("/d/f");
        file.Write(New, 0);
    }

    /// <summary>What is in the file after the same was done on many disks, each of which then lost its power.</summary>
    private static List<byte[]> AfterPowerCuts(Action<MemoryFileSystem> work)
    {
        var found = new List<byte[]>();
        for (var seed = 0; seed < Tries; seed++)
        {
            var disk = Prepared(seed);
            var files = new MemoryFileSystem(disk);
            work(files);
            files.End();
            disk.LosePower();
            found.Add(new MemoryFileSystem(disk).ReadAllBytes("/d/f"));
        }

        return found;
    }

    private static MemoryDisk Prepared(int seed)
    {
        var disk = new MemoryDisk(seed);
        var files = new MemoryFileSystem(disk);
        files.CreateDirectory("/d");
        using (var file = files.Create("/d/f"))
        {
            file.Write(Old, 0);
            file.Flush();
        }

        files.FlushDirectory("/d");
        return disk;
    }
}
