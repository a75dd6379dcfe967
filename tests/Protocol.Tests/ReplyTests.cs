// Replies byte by byte, and that neither they nor the parser allocate.
using System.Text;

namespace RaftLocks.Protocol.Tests;

public class ReplyTests
{
    [Theory]
    [InlineData(0UL, ClientAction.Release, ConnectionState.Ready, """{"id":"0","action":"release","state":"ready"}""")]
    [InlineData(
        42UL,
        ClientAction.Lock,
        ConnectionState.Enqueued,
        """{"id":"42","action":"lock","state":"enqueued"}"""
    )]
    [InlineData(
        ulong.MaxValue,
        ClientAction.Lock,
        ConnectionState.Acquired,
        """{"id":"18446744073709551615","action":"lock","state":"acquired"}"""
    )]
    [InlineData(
        ulong.MaxValue,
        ClientAction.Release,
        ConnectionState.Enqueued,
        """{"id":"18446744073709551615","action":"release","state":"enqueued"}"""
    )]
    public void Byte_by_byte(ulong id, ClientAction action, ConnectionState state, string expected)
    {
        Span<byte> reply = stackalloc byte[Replies.MaxBytes];

        Assert.Equal(expected, Encoding.UTF8.GetString(reply[..Replies.Write(reply, id, action, state)]));
    }

    [Fact]
    public void A_message_and_its_reply_allocate_nothing()
    {
        var parser = new MessageParser(new MessageLimits());
        var message = new ClientMessage();
        var protocol = new ChannelProtocol();
        var reply = new byte[Replies.MaxBytes];
        void Cycle()
        {
            parser.Parse(
                """{"resources":[{"type":"write","path":["group_x","\u0065ntity_a"]},{"type":"read","path":["group_y"]}],"action":"lock"}"""u8,
                message
            );
            protocol.Accept(message.Action);
            Replies.Write(reply, 7, message.Action, ConnectionState.Acquired);
            parser.Parse("""{"action":"release"}"""u8, message);
            protocol.Accept(message.Action);
            Replies.Write(reply, 7, message.Action, ConnectionState.Ready);
        }

        Cycle();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Cycle();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
