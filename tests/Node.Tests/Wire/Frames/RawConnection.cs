// A client of the WebSocket handshake and nothing more: it sends bytes and tells what came back and how TCP ended.
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace RaftLocks.Node.Tests.Wire.Frames;

internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient tcp;

    private readonly NetworkStream stream;

    private RawConnection(TcpClient client, string head) => (tcp, stream, Head) = (client, client.GetStream(), head);

    /// <summary>The head of the answer to the handshake.</summary>
    public string Head { get; }

    public static async Task<RawConnection> OpenAsync(
        Uri node,
        string target = "/v1?namespace=raw",
        string upgrade = "websocket",
        string headers = ""
    )
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(node.Host, node.Port);
        await client
            .GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"GET {target} HTTP/1.1\r\nHost: {node.Authority}\r\nConnection: Upgrade\r\nUpgrade: "
                        + $"{upgrade}\r\nSec-WebSocket-Version: 13\r\n"
                        + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
                )
            );
        return new RawConnection(client, await HeadAsync(client.GetStream()));
    }

    public async Task SendAsync(byte[] bytes, bool thenFin = false)
    {
        await stream.WriteAsync(bytes);
        if (thenFin)
        {
            tcp.Client.Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>All that comes until TCP ends, and how long that took; null if it ended by a reset.</summary>
    public async Task<(byte[]? Bytes, TimeSpan Took)> RestAsync()
    {
        var since = Stopwatch.GetTimestamp();
        var all = new MemoryStream();
        try
        {
            await stream.CopyToAsync(all).WaitAsync(WireClient.WaitBound);
            return (all.ToArray(), Stopwatch.GetElapsedTime(since));
        }
        catch (IOException)
        {
            return (null, Stopwatch.GetElapsedTime(since));
        }
    }

    public void Dispose() => tcp.Dispose();

    private static async Task<string> HeadAsync(NetworkStream answer)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()) && await answer.ReadAsync(one) > 0)
        {
            head.Add(one[0]);
        }

        return Encoding.ASCII.GetString([.. head]);
    }
}
