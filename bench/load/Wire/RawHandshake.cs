using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RaftLocks.Load.Wire;

// Opens a connection with the socket alone: what a library's WebSocket client does for each message would be most of
// what a generator does.

/// <summary>The handshake of RFC 6455, section 4.1.</summary>
internal static class RawHandshake
{
    private const int MaxAnswerBytes = 4096;
    private const int MaxRedirects = 3;

    /// <summary>Connects, shakes hands, and follows a 307 to the leader.</summary>
    /// <param name="node">Any node's address for clients.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="abandonTimeoutMs">How long the connection's locks outlive it.</param>
    /// <param name="from">The address to connect from: each has some 28 000 ports.</param>
    /// <exception cref="IOException">The answer was neither 101 nor 307.</exception>
    public static async Task<Socket> ConnectAsync(
        Uri node,
        string ns,
        long abandonTimeoutMs,
        IPAddress? from = null,
        CancellationToken token = default
    )
    {
        var address = new Uri(node, $"/v1?namespace={Uri.EscapeDataString(ns)}&abandon-timeout-ms={abandonTimeoutMs}");
        for (var redirects = 0; ; redirects++)
        {
            if (address.Scheme is not ("http" or "ws"))
            {
                throw new IOException(
                    $"{address} asks for TLS, which the generator does not speak: name an http address"
                );
            }

            var socket = from is null
                ? new Socket(SocketType.Stream, ProtocolType.Tcp)
                : new Socket(from.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.NoDelay = true;
            try
            {
                if (from is not null)
                {
                    socket.Bind(new IPEndPoint(from, 0));
                }

                await socket.ConnectAsync(address.Host, address.Port, token);
                var answer = await AskAsync(socket, address, token);
                if (answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
                {
                    return socket;
                }

                if (
                    redirects == MaxRedirects
                    || !answer.StartsWith("HTTP/1.1 307 ", StringComparison.Ordinal)
                    || LocationOf(answer) is not { } location
                )
                {
                    throw new IOException("The handshake was answered: " + answer.Split('\r')[0]);
                }

                address = new Uri(address, location);
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private static string? LocationOf(string answer) =>
        answer
            .Split("\r\n")
            .FirstOrDefault(line => line.StartsWith("Location:", StringComparison.OrdinalIgnoreCase))
            ?["Location:".Length..].Trim();

    // The server speaks only when it is spoken to, so nothing but its answer comes.
    private static async Task<string> AskAsync(Socket socket, Uri address, CancellationToken token)
    {
        await socket.SendAsync(
            Encoding.ASCII.GetBytes(
                $"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: "
                    + "Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                    + "AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            ),
            token
        );
        var answer = new byte[MaxAnswerBytes];
        var length = 0;
        while (answer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0 && length < answer.Length)
        {
            var read = await socket.ReceiveAsync(answer.AsMemory(length), token);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return Encoding.ASCII.GetString(answer, 0, length);
    }
}
