// Items are cut into frames and put together again; a frame that is not what was written, or not where it belongs, is
// refused.
using FsCheck.Xunit;

namespace RaftLocks.Ledger.Tests;

public class FrameTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Frame.MaxPartBytes)]
    [InlineData(Frame.MaxPartBytes + 1)]
    [InlineData(5 * Frame.MaxPartBytes)]
    public void An_item_of_any_size_comes_back(int length)
    {
        var item = Content(length);
        var joiner = new FrameJoiner();
        var frames = Cut(ItemKind.Checkpoint, item);

        for (var i = 0; i < frames.Count; i++)
        {
            Assert.Null(joiner.Add(frames[i], out var whole));
            Assert.Equal(i == frames.Count - 1, whole);
        }

        Assert.Equal(ItemKind.Checkpoint, joiner.Kind);
        Assert.Equal(item, joiner.Item.ToArray());
    }

    [Fact]
    public void A_frame_in_the_wrong_place_is_refused()
    {
        var large = Cut(ItemKind.Checkpoint, Content(3 * Frame.MaxPartBytes));
        var small = Cut(ItemKind.Record, Content(10));

        Assert.NotNull(Feed(large[1]));
        Assert.NotNull(Feed(large[0], small[0]));
        Assert.NotNull(Feed(small[0], large[1]));
        Assert.NotNull(Feed(large[0], Cut(ItemKind.Record, Content(3 * Frame.MaxPartBytes))[1]));
        Assert.Null(Feed(small[0], large[0], large[1], large[2], small[0]));
    }

    [Property(MaxTest = 500)]
    public void A_flipped_bit_is_noticed(byte[] item, int bit)
    {
        var frame = Cut(ItemKind.Record, item)[0];
        frame[(bit & int.MaxValue) / 8 % frame.Length] ^= (byte)(1 << (bit & 7));

        Assert.NotNull(Feed(frame));
    }

    [Property(MaxTest = 500)]
    public void Bytes_that_are_no_frame_are_refused(byte[] bytes) => Assert.NotNull(Feed(bytes));

    [Fact]
    public void A_newer_version_and_a_new_kind_are_named()
    {
        Assert.Contains("version 2", Feed(Sealed([2, 1, 0, 0])), StringComparison.Ordinal);
        Assert.Contains("newer version", Feed(Sealed([1, 9, 0, 0])), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_a_newer_version_really_wrote_is_called_newer()
    {
        Assert.Contains("version 2", Frame.NeedsNewer(Sealed([2, 1, 0, 0])), StringComparison.Ordinal);
        Assert.Contains("unknown kind 9", Frame.NeedsNewer(Sealed([1, 9, 0, 0])), StringComparison.Ordinal);
        var damaged = Sealed([2, 1, 0, 0]);
        damaged[3] ^= 1;
        Assert.Null(Frame.NeedsNewer(damaged));
        Assert.Null(Frame.NeedsNewer(Cut(ItemKind.Record, Content(10))[0]));
        Assert.Null(Frame.NeedsNewer(ItemKind.Checkpoint, Content(10)));
    }

    private static byte[] Content(int length)
    {
        var item = new byte[length];
        new Random(length).NextBytes(item);
        return item;
    }

    private static List<byte[]> Cut(ItemKind kind, byte[] item)
    {
        var frames = new List<byte[]>();
        ReadOnlySpan<byte> rest = item;
        do
        {
            var frame = new byte[Frame.MaxPartBytes + Frame.Overhead];
            frames.Add(frame[..Frame.Write(kind, frames.Count == 0, ref rest, frame)]);
        } while (!rest.IsEmpty);
        return frames;
    }

    private static string? Feed(params byte[][] frames)
    {
        var joiner = new FrameJoiner();
        return frames.Select(frame => joiner.Add(frame, out _)).LastOrDefault(wrong => wrong is not null);
    }

    private static byte[] Sealed(byte[] start)
    {
        var frame = Cut(ItemKind.Record, start[2..])[0];
        start.CopyTo(frame, 0);
        BitConverter.TryWriteBytes(frame.AsSpan(start.Length), Crc32C(start));
        return frame;
    }

    // Bit by bit, as RFC 3720 has it.
    private static uint Crc32C(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var next in bytes)
        {
            crc ^= next;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ (0x82F6_3B78 & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }
}
