// Opens WebSockets. A node that does not lead answers 307 with the leader's address, which is followed here: ClientWebSocket
// does not follow redirects, but it tells the status and the headers of the answer.
using System.Globalization;
using System.Net;
using System.Net.WebSockets;

namespace RaftLocks.Client.Wire;

/// <summary>Opens connections of one session.</summary>
internal sealed class WebSocketConnector : IConnector, IDisposable
{
    private const int MaxRedirects = 3;
    private const int MaxSentence = 500;

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
            var socket = new ClientWebSocket();
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            try
            {
                await socket.ConnectAsync(address, invoker, token).ConfigureAwait(false);
                socket.HttpResponseHeaders = null;
                return new WebSocketWire(socket, new Uri(address.GetLeftPart(UriPartial.Authority)));
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException)
            {
                var status = socket.HttpStatusCode;
                var location = Header(socket, "Location");
                socket.Dispose();
                if (status is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect && location is not null && redirects < MaxRedirects)
                {
                    address = new Uri(address, location);
                    continue;
                }

                throw await WhyAsync(address, status, e, token).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => invoker.Dispose();

    private static string? Header(ClientWebSocket socket, string name) =>
        socket.HttpResponseHeaders?.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value?.FirstOrDefault();

    private async Task<ConnectException> WhyAsync(Uri address, HttpStatusCode status, Exception e, CancellationToken token)
    {
        var where = address.GetLeftPart(UriPartial.Authority);
        return (int)status switch
        {
            >= 400 and < 500 and not 408 and not 429 =>
                new ConnectException($"{where} refuses this client ({(int)status}): {await SentenceAsync(address, token).ConfigureAwait(false)}", isFinal: true, e),
            >= 300 => new ConnectException($"{where} answers {(int)status}", inner: e),
            _ when token.IsCancellationRequested => new ConnectException($"{where} does not answer", inner: e),
            _ => new ConnectException($"{where}: {e.InnerException?.Message ?? e.Message}", inner: e),
        };
    }

    /// <summary>The handshake's answer has no body for us; the same address asked plainly gives the same sentence.</summary>
    private async Task<string> SentenceAsync(Uri address, CancellationToken token)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(address) { Scheme = address.Scheme is "wss" ? "https" : "http" }.Uri);
            using var answer = await invoker.SendAsync(request, token).ConfigureAwait(false);
            var sentence = (await answer.Content.ReadAsStringAsync(token).ConfigureAwait(false)).Trim();
            return sentence.Length <= MaxSentence ? sentence : sentence[..MaxSentence] + "…";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return "no reason given";
        }
    }
}
