// Every example of the protocol's specification, as it stands there.
using System.Text;
using System.Text.Json.Nodes;

namespace RaftLocks.Protocol.Tests;

public class ExampleTests
{
    [Fact]
    public void A_lock()
    {
        var message = Parsing.Accept(
            """
            {
              "action": "lock",
              "resources": [
                { "type": "write", "path": ["group_x", "entity_a"] },
                { "type": "read", "path": ["group_y"] }
              ]
            }
            """
        );

        Assert.Equal(ClientAction.Lock, message.Action);
        Assert.Equal(["write group_x|entity_a", "read group_y"], Parsing.Plain(message));
    }

    [Fact]
    public void A_release()
    {
        var message = Parsing.Accept(
            """
            {
              "action": "release"
            }
            """
        );

        Assert.Equal(ClientAction.Release, message.Action);
        Assert.Equal(0, message.ResourceCount);
    }

    [Theory]
    [InlineData(
        ClientAction.Lock,
        ConnectionState.Enqueued,
        """{ "id": "1", "action": "lock", "state": "enqueued" }"""
    )]
    [InlineData(
        ClientAction.Lock,
        ConnectionState.Acquired,
        """{ "id": "1", "action": "lock", "state": "acquired" }"""
    )]
    [InlineData(
        ClientAction.Release,
        ConnectionState.Ready,
        """{ "id": "1", "action": "release", "state": "ready" }"""
    )]
    public void The_replies(ClientAction action, ConnectionState state, string example)
    {
        Span<byte> reply = stackalloc byte[Replies.MaxBytes];
        var length = Replies.Write(reply, 1, action, state);

        // The same but for white space, fields in the same order.
        Assert.Equal(JsonNode.Parse(example)!.ToJsonString(), Encoding.UTF8.GetString(reply[..length]));
    }

    [Fact]
    public void The_connection()
    {
        const string Raw = "?namespace=NAMESPACE&abandon-timeout-ms=1500";

        Assert.Null(ConnectQuery.Parse(Raw, new MessageLimits(), out var query));
        Assert.Equal("NAMESPACE", Encoding.UTF8.GetString(query!.Namespace.Span));
        Assert.Equal(1500, query.AbandonTimeoutMs);
    }
}
