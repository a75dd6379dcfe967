// A segment keeps what was committed, in order, whatever the sizes, and says so when it is not what was written.
using RaftLocks.Ledger;

namespace RaftLocks.Journal.Tests;

public class SegmentTests
{
    private static readonly int[] Lengths =
    [
        0,
        1,
        100,
        Frame.MaxPartBytes - 1,
        Frame.MaxPartBytes,
        Frame.MaxPartBytes + 1,
        3_000_000,
        7,
        70_000,
        12,
    ];

    [Fact]
    public async Task What_is_committed_is_read_in_order_here_and_from_another_process()
    {
        using var folder = new Folder();
        using var writer = SegmentWriter.Create(folder["s"]);
        await FillAsync(writer);

        using var here = writer.Read(from: 0);
        using var elsewhere = SegmentReader.Open(folder["s"]);

        AssertItems(Lengths.Length, Folder.ReadAll(here));
        AssertItems(Lengths.Length, Folder.ReadAll(elsewhere));
    }

    [Fact]
    public async Task What_is_not_committed_is_not_read_and_gone_after_a_restart()
    {
        using var folder = new Folder();
        using (var writer = SegmentWriter.Create(folder["s"]))
        {
            await FillAsync(writer);
            writer.Append(ItemKind.Record, Folder.Content(99, 500));
            using var reader = writer.Read(from: 0);
            AssertItems(Lengths.Length, Folder.ReadAll(reader));
        }

        using (var writer = SegmentWriter.Reopen(folder["s"]))
        {
            writer.Append(ItemKind.Record, Folder.Content(Lengths.Length, 500));
            await writer.CommitAsync();
            using var reader = writer.Read(from: 0);
            AssertItems(Lengths.Length + 1, Folder.ReadAll(reader));
        }

        using var closed = SegmentReader.Open(folder["s"]);
        AssertItems(Lengths.Length + 1, Folder.ReadAll(closed));
    }

    [Fact]
    public async Task Reading_can_begin_at_any_item()
    {
        using var folder = new Folder();
        using var writer = SegmentWriter.Create(folder["s"]);
        await FillAsync(writer);
        var addresses = new List<long>();
        using (var all = writer.Read(from: 0))
        {
            while (all.TryNext())
            {
                addresses.Add(all.Address);
            }
        }

        for (var i = 1; i < addresses.Count; i++)
        {
            using var reader = writer.Read(addresses[i]);
            Assert.True(reader.TryNext());
            Assert.Equal(Folder.Content(i, Lengths[i]), reader.Item.ToArray());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Frame.MaxPartBytes)]
    [InlineData(Frame.MaxPartBytes + 1)]
    [InlineData(5_000_000)]
    public async Task An_item_that_is_written_piece_by_piece_is_the_same(int length)
    {
        using var folder = new Folder();
        using var writer = SegmentWriter.Create(folder["s"]);
        var content = Folder.Content(1, length);
        writer.Append(
            ItemKind.Checkpoint,
            item =>
            {
                var random = new Random(length);
                for (var at = 0; at < length;)
                {
                    var next = content.AsSpan(at, Math.Min(length - at, random.Next(1, 200_000)));
                    System.Buffers.BuffersExtensions.Write(item, next);
                    at += next.Length;
                }
            }
        );
        writer.Append(ItemKind.Record, Folder.Content(2, 100));
        await writer.CommitAsync();

        using var reader = writer.Read(from: 0);
        Assert.Equal([content, Folder.Content(2, 100)], Folder.ReadAll(reader));

        // Whoever looks at the head of a checkpoint only need not have it whole in memory.
        using var heads = writer.Read(from: 0, wholeCheckpoints: false);
        Assert.True(heads.TryNext());
        Assert.Equal(content[..Math.Min(length, Frame.MaxPartBytes)], heads.Item.ToArray());
        Assert.True(heads.TryNext());
        Assert.Equal(Folder.Content(2, 100), heads.Item.ToArray());
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_is_noticed()
    {
        using var folder = new Folder();
        using (var writer = SegmentWriter.Create(folder["s"]))
        {
            await FillAsync(writer);
        }

        var file = folder["s/frames.0"];
        var whole = await File.ReadAllBytesAsync(file);
        var random = new Random(7);
        for (var i = 0; i < 60; i++)
        {
            var bytes = (byte[])whole.Clone();

            // Between frames, and after the last one, FasterLog leaves room that means nothing.
            var at = i < 8 ? 64 + i : random.Next(64, whole.Length);
            bytes[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(file, bytes);

            Assert.True(IsNoticed(folder["s"]) || StillSays(folder["s"]), $"byte {at}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    [InlineData(2_500_000)]
    public async Task A_file_that_was_cut_is_noticed(long length)
    {
        using var folder = new Folder();
        using (var writer = SegmentWriter.Create(folder["s"]))
        {
            await FillAsync(writer);
        }

        await using (var file = new FileStream(folder["s/frames.0"], FileMode.Open))
        {
            file.SetLength(length);
        }

        Assert.True(IsNoticed(folder["s"]));
        Assert.Throws<JournalDamagedException>(() => Reopen(folder["s"]));
    }

    [Fact]
    public async Task One_of_two_commit_slots_is_enough()
    {
        using var folder = new Folder();
        using (var writer = SegmentWriter.Create(folder["s"]))
        {
            await FillAsync(writer);
        }

        var file = folder["s/commit"];
        var bytes = await File.ReadAllBytesAsync(file);
        Assert.Equal(1024, bytes.Length);
        var newest = BitConverter.ToInt64(bytes, 8) > BitConverter.ToInt64(bytes, 512 + 8) ? 0 : 512;
        bytes[newest + 40] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        using var reader = SegmentReader.Open(folder["s"]);
        AssertItems(Lengths.Length - 1, Folder.ReadAll(reader));
    }

    [Fact]
    public async Task A_segment_whose_commits_are_all_damaged_is_set_aside_and_not_taken_for_one_that_never_had_any()
    {
        using var folder = new Folder();
        var journal = new JournalFolder(folder["j"]);
        using (var writer = journal.Create(start: 0))
        {
            await FillAsync(writer);
        }

        var segment = Assert.Single(journal.Segments).Directory;
        var file = Path.Combine(segment, "commit");
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[40] ^= 1;
        bytes[512 + 40] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        var told = new List<string>();
        Assert.Null(journal.OpenNewest((aside, why) => told.Add($"{aside}: {why}")));
        Assert.Contains("holds no whole commit", Assert.Single(told), StringComparison.Ordinal);
        Assert.True(Directory.Exists(segment + ".damaged"));
    }

    private static void Reopen(string path)
    {
        using var writer = SegmentWriter.Reopen(path);
        using var reader = writer.Read(from: 0);
        while (reader.TryNext()) { }
    }

    private static bool IsNoticed(string path)
    {
        try
        {
            using var reader = SegmentReader.Open(path);
            return Folder.ReadAll(reader).Count != Lengths.Length;
        }
        catch (JournalDamagedException)
        {
            return true;
        }
    }

    private static bool StillSays(string path)
    {
        using var reader = SegmentReader.Open(path);
        return Folder
            .ReadAll(reader)
            .Select((item, i) => item.AsSpan().SequenceEqual(Folder.Content(i, Lengths[i])))
            .All(same => same);
    }

    private static async Task FillAsync(SegmentWriter writer)
    {
        for (var i = 0; i < Lengths.Length; i++)
        {
            writer.Append(i == 0 ? ItemKind.Checkpoint : ItemKind.Record, Folder.Content(i, Lengths[i]));
            await writer.CommitAsync();
        }
    }

    private static void AssertItems(int count, List<byte[]> items)
    {
        Assert.Equal(count, items.Count);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(Folder.Content(i, i < Lengths.Length ? Lengths[i] : 500), items[i]);
        }
    }
}
