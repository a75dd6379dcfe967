// Our framing: what the framework's WebSocket sends arrives as it was sent, and what no client may send is named.
using System.Net.WebSockets;
using System.Text;
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Tests.Wire.Frames;

public class FrameTests
{
    public static TheoryData<byte[], string> Broken =>
        new()
        {
            { ClientFrame.Of(ClientFrame.Text, "{}"u8, isMasked: false), "not masked" },
            { ClientFrame.Of(ClientFrame.Text, "{}"u8, reserved: 0x40), "reserved" },
            { ClientFrame.Of(ClientFrame.Text, "{}"u8, reserved: 0x10), "reserved" },
            { ClientFrame.Of(3, "{}"u8), "type 3" },
            { ClientFrame.Of(11, "{}"u8), "type 11" },
            { ClientFrame.Of(ClientFrame.Continuation, "{}"u8), "no message had begun" },
            {
                [
                    .. ClientFrame.Of(ClientFrame.Text, "{"u8, isFinal: false),
                    .. ClientFrame.Of(ClientFrame.Text, "}"u8),
                ],
                "new message"
            },
            { ClientFrame.Of(ClientFrame.Ping, "a"u8, isFinal: false), "in parts" },
            { ClientFrame.Of(ClientFrame.Ping, new byte[126]), "125" },
            { ClientFrame.Of(ClientFrame.Close, [3]), "half a code" },
            { ClientFrame.CloseWith(1005), "1005" },
            { ClientFrame.CloseWith(999), "999" },
            { ClientFrame.CloseWith(1016), "1016" },
            { ClientFrame.CloseWith(5000), "5000" },
            { ClientFrame.Of(ClientFrame.Close, [0x03, 0xE8, 0xC3, 0x28]), "UTF-8" },
            { [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "highest bit" },
        };

    [Fact]
    public async Task What_the_frameworks_client_sends_arrives_as_it_was_sent()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var wire = new MemoryWire();
            using var client = wire.Oracle();
            for (var message = 0; message < 5; message++)
            {
                var bytes = new byte[random.Next(5) == 0 ? random.Next(70_000) : random.Next(300)];
                random.NextBytes(bytes);
                var type = random.Next(2) == 0 ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
                var sending = SendInPartsAsync(client, bytes, type, random);

                var (gotType, got) = await wire.ReceiveAsync(random.Next(1, 5_000));
                await sending;

                Assert.Equal(type, gotType);
                Assert.Equal(bytes, got);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task What_we_send_the_frameworks_client_reads(int bytes)
    {
        var wire = new MemoryWire();
        using var client = wire.Oracle();
        var sent = new byte[bytes];
        new Random(bytes).NextBytes(sent);

        await wire.Server.SendAsync(sent, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

        var got = new MemoryStream();
        var part = new byte[10_000];
        WebSocketReceiveResult received;
        do
        {
            received = await client.ReceiveAsync(part, CancellationToken.None).WaitAsync(WireClient.WaitBound);
            got.Write(part, 0, received.Count);
        } while (!received.EndOfMessage);
        Assert.Equal(sent, got.ToArray());
    }

    [Fact]
    public async Task Frames_that_come_byte_by_byte_are_understood()
    {
        var wire = new MemoryWire();
        var sending = Task.Run(async () =>
        {
            foreach (
                var one in (byte[])
                    [
                        .. ClientFrame.Of(ClientFrame.Text, "{\"a\""u8, isFinal: false),
                        .. ClientFrame.Of(ClientFrame.Ping, "p"u8),
                        .. ClientFrame.Of(ClientFrame.Continuation, ":1}"u8),
                    ]
            )
            {
                await wire.SendAsync(one);
            }
        });

        var (_, got) = await wire.ReceiveAsync();
        await sending;

        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(got));
        var pong = new byte[3];
        await wire.ClientStream.ReadExactlyAsync(pong);
        Assert.Equal([0x8A, 1, (byte)'p'], pong);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task What_breaks_the_protocol_is_named(byte[] sent, string named)
    {
        var wire = new MemoryWire();
        await wire.SendAsync(sent);
        wire.EndOfInput();

        var broken = await Assert.ThrowsAsync<WireProtocolException>(() => ReceiveAllAsync(wire));

        Assert.Equal(1002, broken.Refusal.CloseCode);
        Assert.Contains(named, broken.Refusal.Reason, StringComparison.Ordinal);
        Assert.Equal(WebSocketMessageType.Close, (await wire.ReceiveAsync()).Type);
    }

    [Fact]
    public async Task Random_bytes_end_in_a_close_an_end_or_a_named_error_never_otherwise()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            for (var i = 0; i < bytes.Length; i += random.Next(1, 8))
            {
                // Otherwise hardly any would be masked, final and of a type that exists.
                bytes[i] = random.Next(3) switch
                {
                    0 => 0x81,
                    1 => (byte)(0x80 | random.Next(20)),
                    _ => bytes[i],
                };
            }

            var wire = new MemoryWire();
            await wire.SendAsync(bytes);
            wire.EndOfInput();
            try
            {
                await ReceiveAllAsync(wire);
            }
            catch (Exception e) when (e is WireProtocolException or WebSocketException)
            {
                continue;
            }
        }
    }

    private static async Task ReceiveAllAsync(MemoryWire wire)
    {
        while ((await wire.ReceiveAsync()).Type != WebSocketMessageType.Close) { }
    }

    private static async Task SendInPartsAsync(WebSocket client, byte[] bytes, WebSocketMessageType type, Random random)
    {
        var sent = 0;
        do
        {
            var part = Math.Min(bytes.Length - sent, random.Next(1, bytes.Length + 2));
            sent += part;
            await client.SendAsync(
                bytes.AsMemory(sent - part, part),
                type,
                sent == bytes.Length,
                CancellationToken.None
            );
        } while (sent < bytes.Length);
    }
}
