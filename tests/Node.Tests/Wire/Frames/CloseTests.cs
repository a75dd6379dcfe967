// How a connection ends: with the client's own code, with a reason where it made an error, and TCP with it.
using System.Text;

namespace RaftLocks.Node.Tests.Wire.Frames;

public class CloseTests
{
    // Far below what the node waits for a client that does not answer a close (2 s), far above what a busy machine
    // needs.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(1_500);

    public static TheoryData<byte[], byte[]> Closes =>
        new()
        {
            { ClientFrame.CloseWith(1000), [0x88, 2, 0x03, 0xE8] },
            { ClientFrame.CloseWith(1001, "bye"), [0x88, 2, 0x03, 0xE9] },
            { ClientFrame.CloseWith(4321, "bye"), [0x88, 2, 0x10, 0xE1] },
            { ClientFrame.Of(ClientFrame.Close, []), [0x88, 0] },
        };

    [Theory]
    [MemberData(nameof(Closes))]
    public async Task A_close_is_answered_with_its_own_code_and_TCP_ends_at_once(byte[] close, byte[] answer)
    {
        await using var node = await SingleNode.StartAsync();
        foreach (var thenFin in new[] { false, true, true, true, true, true, true, true, true, true, true })
        {
            using var client = await RawConnection.OpenAsync(node.Url);
            await client.SendAsync(close, thenFin);

            var (bytes, took) = await client.RestAsync();

            Assert.Equal(answer, bytes);
            Assert.True(took < AtOnce, $"{took}");
        }
    }

    [Fact]
    public async Task A_broken_frame_is_closed_with_1002_and_a_reason_and_TCP_ends_at_once()
    {
        await using var node = await SingleNode.StartAsync();
        using var client = await RawConnection.OpenAsync(node.Url);
        await client.SendAsync(ClientFrame.Of(ClientFrame.Text, "{}"u8, isMasked: false));

        var (bytes, took) = await client.RestAsync();

        Assert.NotNull(bytes);
        Assert.Equal<byte>([0x88, (byte)(bytes.Length - 2), 0x03, 0xEA], bytes[..4]);
        Assert.Contains("not masked", Encoding.UTF8.GetString(bytes[4..]), StringComparison.Ordinal);
        Assert.True(took < AtOnce, $"{took}");
    }

    [Fact]
    public async Task A_client_that_does_not_answer_the_nodes_close_sees_TCP_end_at_once()
    {
        await using var node = await SingleNode.StartAsync();
        using var client = await RawConnection.OpenAsync(node.Url);
        await client.SendAsync(ClientFrame.Of(ClientFrame.Text, "hello"u8));

        var (bytes, took) = await client.RestAsync();

        Assert.NotNull(bytes);
        Assert.Equal<byte>([0x0B, 0xB8], bytes[2..4]);
        Assert.True(took < AtOnce, $"{took}");
    }

    [Fact]
    public async Task A_client_that_is_gone_without_a_close_is_answered_nothing()
    {
        await using var node = await SingleNode.StartAsync();
        using var client = await RawConnection.OpenAsync(node.Url);
        await client.SendAsync([], thenFin: true);

        Assert.Empty((await client.RestAsync()).Bytes!);
    }

    [Fact]
    public async Task An_Upgrade_list_is_understood()
    {
        await using var node = await SingleNode.StartAsync();
        using var client = await RawConnection.OpenAsync(node.Url, upgrade: "h2c, websocket");

        Assert.StartsWith("HTTP/1.1 101", client.Head, StringComparison.Ordinal);
        Assert.Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", client.Head, StringComparison.Ordinal);
    }
}
