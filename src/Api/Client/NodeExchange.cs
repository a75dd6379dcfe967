// One request to one node, with its redirects and its bounds in time. The admin token goes to the listed nodes only,
// whoever names another one.
using System.Net;

namespace RaftLocks.Api;

internal sealed class NodeExchange : IDisposable
{
    private readonly ApiClientOptions options;
    private readonly HttpClient http;
    private readonly LivenessProbe probe;

    public NodeExchange(ApiClientOptions options)
    {
        this.options = options;
        http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = options.UseProxy,
                ConnectTimeout = options.ConnectTimeout,
                SslOptions = (options.Tls ?? new TlsClient()).Options(),
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        probe = new LivenessProbe(http);
    }

    /// <summary>
    /// Asks a node, or the leader that it names, up to the answer's headers. The caller disposes of it.
    /// </summary>
    /// <exception cref="NoAnswerException">There is no answer.</exception>
    /// <exception cref="UntrustedRedirectException">The leader must not be told the admin token.</exception>
    public async Task<HttpResponseMessage> SendAsync(Uri node, ApiRequest request, CancellationToken token)
    {
        var at = new Uri(node, request.Path);
        for (var redirects = 0; ; redirects++)
        {
            HttpResponseMessage answer;
            try
            {
                answer = await SendOnceAsync(at, request, token);
            }
            catch (NoAnswerException e) when (redirects > 0)
            {
                throw NoAnswerException.OfLeader(at, e);
            }

            if (answer.StatusCode != HttpStatusCode.TemporaryRedirect || options.MaxRedirects == 0)
            {
                return answer;
            }

            var location = answer.Headers.Location;
            answer.Dispose();
            if (redirects == options.MaxRedirects)
            {
                throw new NoAnswerException("it redirects in a circle") { IsElsewhere = true };
            }

            at = Next(at, location);
            if (TokenOf(request) is not null && !IsListed(at))
            {
                throw new UntrustedRedirectException(node, at);
            }
        }
    }

    /// <summary>Reads a whole answer.</summary>
    /// <exception cref="NoAnswerException">It is none.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage answer, CancellationToken token)
    {
        try
        {
            using var bound = Bounds.Within(options.ResponseTimeout, token);
            return await ResponseBody.ReadAsync(
                await answer.Content.ReadAsStreamAsync(bound.Token),
                options.MaxResponseBytes,
                bound.Token
            );
        }
        catch (Exception e) when (Bounds.IsNoAnswer(e))
        {
            token.ThrowIfCancellationRequested();
            throw NoAnswerException.Of(e, options.ResponseTimeout, options.ConnectTimeout);
        }
    }

    /// <summary>The words of a node that refuses; empty for none.</summary>
    public async Task<string> SentenceAsync(HttpResponseMessage answer, CancellationToken token)
    {
        try
        {
            using var bound = Bounds.Within(options.ResponseTimeout, token);
            return await ResponseBody.SentenceAsync(await answer.Content.ReadAsStreamAsync(bound.Token), bound.Token);
        }
        catch (Exception e) when (Bounds.IsNoAnswer(e) || e is InvalidOperationException)
        {
            token.ThrowIfCancellationRequested();
            return "";
        }
    }

    /// <summary>Whether a node's address is among those that may know the admin token.</summary>
    public bool IsListed(Uri node) => options.Nodes().Any(listed => IsSameServer(listed, node));

    /// <summary>The token that a request can't do without.</summary>
    public string? TokenOf(ApiRequest request) =>
        request.IsAdministration && (request.Token ?? options.AdminToken ?? options.Token) is { Length: > 0 } token
            ? token
            : null;

    public void Dispose() => http.Dispose();

    private static bool IsSameServer(Uri one, Uri other)
    {
        const UriComponents server = UriComponents.SchemeAndServer;
        return Uri.Compare(one, other, server, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
    }

    private static Uri Next(Uri at, Uri? location)
    {
        if (location is null || !Uri.TryCreate(at, location, out var next) || next.Scheme is not ("http" or "https"))
        {
            throw new NoAnswerException($"it redirects to '{location}', which is no node's address");
        }

        return at.Scheme == "https" && next.Scheme != "https"
            ? throw new NoAnswerException($"it redirects to '{location}', which is not encrypted")
            : next;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Uri at, ApiRequest request, CancellationToken token)
    {
        using var message = Message(at, request);
        var timeout = request.Timeout ?? options.ResponseTimeout;
        using var bound = Bounds.Within(timeout, token);
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(token);
        var watch = request.IsLong ? probe.WatchAsync(at, bound, answered.Token) : Task.FromResult(false);
        try
        {
            return await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, bound.Token);
        }
        catch (Exception e) when (Bounds.IsNoAnswer(e) || e is InvalidOperationException or FormatException)
        {
            token.ThrowIfCancellationRequested();
            await answered.CancelAsync();
            throw await watch
                ? new NoAnswerException("it hangs", e)
                : NoAnswerException.Of(e, timeout, options.ConnectTimeout);
        }
        finally
        {
            await answered.CancelAsync();
        }
    }

    // What everybody may ask is asked of a leader that is not listed too, as somebody without a token.
    private string? TokenFor(Uri at, ApiRequest request) =>
        (request.Token ?? options.Token) is { Length: > 0 } token && IsListed(at) ? token : null;

    private HttpRequestMessage Message(Uri at, ApiRequest request)
    {
        var message = new HttpRequestMessage(request.Method, at) { Content = request.Body?.Invoke() };
        if (
            (TokenOf(request) ?? TokenFor(at, request)) is { } secret
            && !message.Headers.TryAddWithoutValidation("Authorization", $"Bearer {secret}")
        )
        {
            throw new ApiTokenException();
        }

        if (request.LastEventId is { } last)
        {
            message.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        }

        if (request.ForwardedFor is { } address)
        {
            message.Headers.TryAddWithoutValidation(ApiHeaders.ForwardedFor, address);
        }

        return message;
    }
}
