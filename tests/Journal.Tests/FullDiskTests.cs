// A disk that takes nothing more ends the segment with an exception that says so; nothing hangs. /dev/full is such a
// disk.
using RaftLocks.Ledger;

namespace RaftLocks.Journal.Tests;

public class FullDiskTests
{
    [Theory]
    [InlineData("frames.0")]
    [InlineData("commit")]
    public async Task A_commit_to_a_full_disk_fails(string file)
    {
        using var folder = new Folder();
        using var writer = OnFullDisk(folder, file);
        writer.Append(ItemKind.Checkpoint, Folder.Content(0, 1000));

        var failure = await Assert.ThrowsAsync<JournalWriteException>(async () => await writer.CommitAsync());

        Assert.NotEmpty(failure.Message);
        await Assert.ThrowsAsync<JournalWriteException>(async () =>
        {
            writer.Append(ItemKind.Record, Folder.Content(1, 1000));
            await writer.CommitAsync();
        });
    }

    [Fact]
    public void Appending_more_than_the_memory_holds_to_a_full_disk_fails()
    {
        using var folder = new Folder();
        using var writer = OnFullDisk(folder, "frames.0");

        Assert.Throws<JournalWriteException>(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                writer.Append(i == 0 ? ItemKind.Checkpoint : ItemKind.Record, Folder.Content(i, 500_000));
            }
        });
    }

    private static SegmentWriter OnFullDisk(Folder folder, string file)
    {
        Directory.CreateDirectory(folder["s"]);
        File.CreateSymbolicLink(folder["s/" + file], "/dev/full");
        return SegmentWriter.Create(folder["s"]);
    }
}
