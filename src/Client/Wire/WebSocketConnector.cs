// Opens WebSockets. A node that does not lead answers 307 with the leader's address, which is followed here.
using System.Globalization;
using System.Net;
using System.Net.WebSockets;

namespace RaftLocks.Client.Wire;

/// <summary>Opens connections of one session.</summary>
internal sealed class WebSocketConnector : IConnector, IDisposable
{
    private const int MaxRedirects = 3;
    private const int MaxSentence = 500;

    // Silence is noticed by the session's own pings.
    private static readonly WebSocketCreationOptions AsClient = new() { IsServer = false, KeepAliveInterval = TimeSpan.Zero };

    private readonly HttpMessageInvoker invoker = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.Zero,
    });

    private readonly string query;

    public WebSocketConnector(RaftLocksOptions options, string sessionToken)
    {
        query = string.Create(
            CultureInfo.InvariantCulture,
            $"namespace={Uri.EscapeDataString(options.Namespace)}&abandon-timeout-ms={(long)options.AbandonTimeout.TotalMilliseconds}&session={sessionToken}&extensions=1")
            + (options.Label is { } label ? $"&label={Uri.EscapeDataString(label)}" : "")
            + (options.ReportProgress ? "&progress=1" : "");
    }

    public async Task<IWire> ConnectAsync(Uri node, CancellationToken token)
    {
        var address = new UriBuilder(node)
        {
            Scheme = node.Scheme is "https" or "wss" ? "wss" : "ws",
            Path = node.AbsolutePath.TrimEnd('/') + "/v1",
            Query = query,
        }.Uri;
        for (var redirects = 0; ; redirects++)
        {
            var where = address.GetLeftPart(UriPartial.Authority);
            try
            {
                var handshake = new WebSocketHandshake();
                using var request = handshake.Request(address);
                var answer = await invoker.SendAsync(request, token).ConfigureAwait(false);
                if (handshake.IsGrantedBy(answer))
                {
                    // From here on the answer's stream is the connection; it belongs to the wire.
                    var stream = new GatheringStream(await answer.Content.ReadAsStreamAsync(token).ConfigureAwait(false));
                    return new WebSocketWire(WebSocket.CreateFromStream(stream, AsClient), stream, new Uri(where));
                }

                using (answer)
                {
                    if (answer is { StatusCode: HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect, Headers.Location: { } location } && redirects < MaxRedirects)
                    {
                        address = new Uri(address, location);
                        continue;
                    }

                    throw await RefusedAsync(where, answer, token).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                throw new ConnectException(token.IsCancellationRequested ? $"{where} does not answer" : $"{where}: {e.InnerException?.Message ?? e.Message}", inner: e);
            }
        }
    }

    public void Dispose() => invoker.Dispose();

    private static async Task<ConnectException> RefusedAsync(string where, HttpResponseMessage answer, CancellationToken token)
    {
        var status = (int)answer.StatusCode;
        if (status is < 400 or >= 500 or 408 or 429)
        {
            return new ConnectException($"{where} answers {status}");
        }

        var sentence = (await answer.Content.ReadAsStringAsync(token).ConfigureAwait(false)).Trim();
        return new ConnectException($"{where} refuses this client ({status}): {(sentence.Length <= MaxSentence ? sentence : sentence[..MaxSentence] + "…")}", isFinal: true);
    }
}
