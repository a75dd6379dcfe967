// A handshake through an HTTP or SOCKS proxy that the system's settings ask for. The runtime's HTTP client knows how to
// speak to proxies; it needs threads of the pool to do so, and the connection that it leaves does not.
using System.Net;
using System.Net.Sockets;

namespace RaftLocks.Client.Wire;

/// <summary>A handshake by the runtime's HTTP client.</summary>
internal static class ProxiedHandshake
{
    private const int SendTimeoutMs = 10_000;

    /// <summary>Asks for a WebSocket; the location to go to instead, or null and the opened connection.</summary>
    public static string? Shake(
        Uri address,
        IWebProxy proxy,
        RaftLocksOptions options,
        WebSocketHandshake handshake,
        Func<string, int, Func<string>, ConnectException> refusal,
        out OpenedStream? opened,
        CancellationToken token
    )
    {
        opened = null;
        Socket? socket = null;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = proxy,
            SslOptions = ClientTls.Options(options),
            ConnectCallback = async (context, cancellation) =>
            {
                socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
                {
                    NoDelay = true,
                    SendTimeout = SendTimeoutMs,
                };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var invoker = new HttpMessageInvoker(handler);
        try
        {
            // By the scheme "ws" the runtime knows that it must ask the proxy for a tunnel.
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                new UriBuilder(address) { Scheme = address.Scheme == "https" ? "wss" : "ws", Port = address.Port }.Uri
            )
            {
                Version = HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            foreach (var (name, value) in handshake.Headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            var answer = invoker.SendAsync(request, token).GetAwaiter().GetResult();
            var proof = answer.Headers.TryGetValues("Sec-WebSocket-Accept", out var values)
                ? values.FirstOrDefault()
                : null;
            if (answer.StatusCode == HttpStatusCode.SwitchingProtocols && handshake.IsProof(proof))
            {
                var stream = answer.Content.ReadAsStream(token);
                void Abort()
                {
                    socket?.Dispose();
                    invoker.Dispose();
                }

                opened = new OpenedStream(stream, default, Abort, () => socket?.Shutdown(SocketShutdown.Send));
                return null;
            }

            using (answer)
            {
                return WebSocketConnector.IsRedirect((int)answer.StatusCode) && answer.Headers.Location is { } location
                    ? location.OriginalString
                    : throw refusal(
                        address.GetLeftPart(UriPartial.Authority),
                        (int)answer.StatusCode,
                        () => answer.Content.ReadAsStringAsync(token).GetAwaiter().GetResult().Trim()
                    );
            }
        }
        finally
        {
            if (opened is null)
            {
                socket?.Dispose();
                invoker.Dispose();
            }
        }
    }
}
