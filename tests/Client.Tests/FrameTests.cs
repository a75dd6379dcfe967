// Frames of RFC 6455 as a client writes and reads them, byte by byte.
using System.Text;
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Tests;

public class FrameTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void What_is_written_is_masked_and_has_the_shortest_length(int length)
    {
        var stream = new MemoryStream();
        var payload = Encoding.UTF8.GetBytes(new string('x', length));

        new FrameWriter(stream).Write(Opcode.Text, payload);

        var bytes = stream.ToArray();
        Assert.Equal(0x81, bytes[0]);
        var (marked, at) =
            length <= 125 ? (length, 2)
            : length <= 65_535 ? (126, 4)
            : (127, 10);
        Assert.Equal(0x80 | marked, bytes[1]);
        Assert.Equal(at + 4 + length, bytes.Length);
        var mask = bytes.AsSpan(at, 4).ToArray();
        Assert.Equal(payload, bytes.Skip(at + 4).Select((value, index) => (byte)(value ^ mask[index % 4])));
    }

    [Fact]
    public void Frames_that_have_more_behind_them_are_written_together()
    {
        var stream = new CountingStream([]);
        var writer = new FrameWriter(stream);

        writer.Write(Opcode.Text, "one"u8, hasMore: true);
        writer.Write(Opcode.Text, "two"u8, hasMore: true);
        Assert.Equal(0, stream.Writes);
        writer.Write(Opcode.Text, "three"u8);

        Assert.Equal(1, stream.Writes);
    }

    [Fact]
    public void Masks_differ()
    {
        var stream = new MemoryStream();
        var writer = new FrameWriter(stream);
        for (var i = 0; i < 600; i++)
        {
            writer.Write(Opcode.Text, []);
        }

        var masks = stream.ToArray().Chunk(6).Select(frame => BitConverter.ToUInt32(frame, 2)).ToHashSet();
        Assert.True(masks.Count > 590);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Messages_are_read_whatever_the_network_cut_them_into(int pieces)
    {
        byte[] bytes =
        [
            .. Server(0x81, "one"),
            .. Server(0x81, new string('x', 126)),
            .. Server(0x81, new string('y', 70_000)),
            .. Server(0x01, "thr"),
            .. Server(0x89, "are you there"),
            .. Server(0x00, "e"),
            .. Server(0x80, "e"),
            .. Server(0x8a, ""),
            .. Server(0x81, ""),
            .. Server(0x88, "\u0003\u00f4gone", Encoding.Latin1),
        ];
        var stream = new CountingStream(bytes) { Most = pieces };
        var wire = new WebSocketWire(new OpenedStream(stream, default, () => { }, () => { }), new Uri("http://a:1"));

        Assert.Equal("one", Text(wire.Receive()));
        Assert.Equal(new string('x', 126), Text(wire.Receive()));
        Assert.Equal(new string('y', 70_000), Text(wire.Receive()));
        Assert.Equal("three", Text(wire.Receive()));
        Assert.Equal(1, stream.Writes); // the ping was answered
        Assert.Equal("", Text(wire.Receive()));
        var end = wire.Receive();
        Assert.Equal((true, 1012, "gone"), (end.IsEnd, end.CloseCode, end.Reason));
        Assert.Equal(2, stream.Writes); // and the close
    }

    [Fact]
    public void What_came_with_the_handshake_is_read_first()
    {
        var wire = new WebSocketWire(
            new OpenedStream(new CountingStream(Server(0x81, "two")), Server(0x81, "one"), () => { }, () => { }),
            new Uri("http://a:1")
        );

        Assert.Equal("one", Text(wire.Receive()));
        Assert.Equal("two", Text(wire.Receive()));
        Assert.True(wire.Receive().IsEnd);
    }

    public static TheoryData<byte[]> Wrong =>
        new()
        {
            new byte[] { 0xc1, 0 }, // a reserved bit
            new byte[] { 0x81, 0x80, 1, 2, 3, 4 }, // masked
            new byte[] { 0x82, 0 }, // binary
            new byte[] { 0x80, 0 }, // a continuation of nothing
            new byte[] { 0x01, 0, 0x81, 0 }, // a message within a message
            new byte[] { 0x89, 126, 0, 126 }, // a long ping
            new byte[] { 0x09, 0 }, // a ping in parts
            new byte[] { 0x81, 127, 0, 0, 0, 0, 0x7f, 0, 0, 0 }, // 2 GB
            new byte[] { 0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
            new byte[] { 0x81, 5, 1 }, // cut off
            new byte[] { 0x83, 0 }, // an unknown opcode
            Array.Empty<byte>(),
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_no_frame_of_a_server_ends_the_connection_with_a_sentence(byte[] bytes)
    {
        var wire = new WebSocketWire(
            new OpenedStream(new CountingStream(bytes), default, () => { }, () => { }),
            new Uri("http://a:1")
        );

        var end = wire.Receive();

        Assert.True(end.IsEnd);
        Assert.Null(end.CloseCode);
        Assert.NotEmpty(end.Reason!);
    }

    [Fact]
    public void A_message_in_endless_parts_ends_the_connection()
    {
        var bytes = new List<byte>(Server(0x01, new string('x', 60_000)));
        for (var i = 0; i < 5; i++)
        {
            bytes.AddRange(Server(0x00, new string('x', 60_000)));
        }

        var wire = new WebSocketWire(
            new OpenedStream(new CountingStream([.. bytes]), default, () => { }, () => { }),
            new Uri("http://a:1")
        );

        Assert.Contains("more than", wire.Receive().Reason, StringComparison.Ordinal);
    }

    private static string Text(in Received received)
    {
        Assert.False(received.IsEnd, received.Reason);
        return Encoding.UTF8.GetString(received.Message.Span);
    }

    private static byte[] Server(byte first, string text, Encoding? encoding = null)
    {
        var payload = (encoding ?? Encoding.UTF8).GetBytes(text);
        byte[] length =
            payload.Length < 126 ? [(byte)payload.Length]
            : payload.Length <= ushort.MaxValue ? [126, (byte)(payload.Length >> 8), (byte)payload.Length]
            : [127, 0, 0, 0, 0, 0, (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length];
        return [first, .. length, .. payload];
    }

    private sealed class CountingStream(byte[] bytes) : MemoryStream
    {
        private int at;

        public int Writes { get; private set; }

        public int Most { get; init; } = int.MaxValue;

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = Math.Min(Math.Min(count, Most), bytes.Length - at);
            bytes.AsSpan(at, read).CopyTo(buffer.AsSpan(offset));
            at += read;
            return read;
        }

        public override void Write(byte[] buffer, int offset, int count) => Writes++;
    }
}
