// Opens WebSockets. A node that does not lead answers 307 with the leader's address, which is followed here. An address
// that answers something else, another product say, is skipped for the others.
using System.Globalization;
using System.Net;
using System.Security.Authentication;

namespace RaftLocks.Client.Wire;

/// <summary>Opens connections of one session.</summary>
internal sealed class WebSocketConnector : IConnector
{
    private const int MaxRedirects = 3;
    private const int MaxSentence = 500;

    private readonly string query;
    private readonly string? secret;
    private readonly Uri[] nodes;
    private readonly TimeSpan sendTimeout;
    private readonly IWebProxy? proxy;
    private readonly RaftLocksOptions options;

    public WebSocketConnector(RaftLocksOptions options, string sessionToken, IWebProxy? proxy = null)
    {
        this.proxy = proxy;
        this.options = options;
        secret = options.Token;
        nodes = [.. options.Nodes];
        sendTimeout = new Sessions.SessionTimings(options.AbandonTimeout).PongTimeout;
        query =
            string.Create(
                CultureInfo.InvariantCulture,
                $"namespace={Uri.EscapeDataString(options.Namespace)}"
                    + $"&abandon-timeout-ms={(long)options.AbandonTimeout.TotalMilliseconds}"
                    + $"&session={sessionToken}&extensions=1"
            )
            + (options.Label is { } label ? $"&label={Uri.EscapeDataString(label)}" : "")
            + (options.ReportProgress ? "&progress=1" : "");
    }

    public IWire Connect(Uri node, CancellationToken token)
    {
        var address = new UriBuilder(node)
        {
            Scheme = IsSecure(node) ? "https" : "http",
            Port = node.Port,
            Path = node.AbsolutePath.TrimEnd('/') + "/v1",
            Query = query,
        }.Uri;
        for (var redirects = 0; ; redirects++)
        {
            var where = address.GetLeftPart(UriPartial.Authority);
            try
            {
                if (Shake(address, where, token, out var opened) is not { } location)
                {
                    return new WebSocketWire(opened!, new Uri(where));
                }

                address =
                    redirects < MaxRedirects
                        ? Next(address, location)
                        : throw new ConnectException($"{where} sends this client in a circle, to {location}");
            }
            catch (Exception e) when (e is not ConnectException)
            {
                throw Problem(where, e, token);
            }
        }
    }

    /// <summary>
    /// Asks an address for a WebSocket; the location to go to instead, or null and the opened connection.
    /// </summary>
    private string? Shake(Uri address, string where, CancellationToken token, out OpenedStream? opened)
    {
        opened = null;
        var isListed = Array.Exists(nodes, node => IsSameServer(node, address));
        var handshake = new WebSocketHandshake(isListed ? secret : null);
        var refusal = isListed || secret is null ? (Func<string, int, Func<string>, ConnectException>)Refusal : Untold;
        var chosen = proxy ?? System.Net.Http.HttpClient.DefaultProxy;
        if (!chosen.IsBypassed(address) && chosen.GetProxy(address) is { } by && by != address)
        {
            return ProxiedHandshake.Shake(address, chosen, options, handshake, refusal, out opened, token);
        }

        var connection = TcpDialer.Dial(
            address,
            IsSecure(address) ? ClientTls.Options(options, address.IdnHost) : null,
            sendTimeout,
            token
        );
        try
        {
            using var giveUp = token.UnsafeRegister(_ => connection.Abort(), null);
            connection.Stream.Write(handshake.Request(address));
            var answer = HttpResponseHead.Read(connection.Stream);
            if (
                answer.Status == (int)HttpStatusCode.SwitchingProtocols
                && handshake.IsProof(answer["Sec-WebSocket-Accept"])
            )
            {
                opened = new OpenedStream(connection.Stream, answer.Rest, connection.Abort, connection.EndSending);
                return null;
            }

            return IsRedirect(answer.Status) && answer["Location"] is { } location
                ? location
                : throw refusal(where, answer.Status, answer.ReadBody);
        }
        finally
        {
            if (opened is null)
            {
                connection.Dispose();
            }
        }
    }

    internal static bool IsRedirect(int status) => status is 301 or 302 or 307 or 308;

    private static bool IsSecure(Uri address) => address.Scheme is "https" or "wss";

    /// <summary>Returns the address that a redirect names.</summary>
    private static Uri Next(Uri from, string location)
    {
        var to = Uri.TryCreate(from, location, out var uri) ? uri : null;
        if (to is not { Scheme: "http" or "https" or "ws" or "wss", Host.Length: > 0 })
        {
            throw new ConnectException(
                $"{from.GetLeftPart(UriPartial.Authority)} sends this client to '{Shortened(location)}', which is "
                    + "no address of a node",
                isFinal: true
            );
        }

        return IsSecure(from) && !IsSecure(to)
            ? throw new ConnectException(
                $"{from.GetLeftPart(UriPartial.Authority)} sends this client to '{Shortened(location)}', which is "
                    + "not encrypted",
                isFinal: true
            )
            : to;
    }

    private static ConnectException Problem(string where, Exception e, CancellationToken token) =>
        e switch
        {
            _ when token.IsCancellationRequested => new ConnectException($"{where} does not answer", inner: e),
            InvalidDataException => new ConnectException($"{where} {e.Message}", isFinal: true, e),
            AuthenticationException => new ConnectException(
                $"{where}: no trusted TLS connection: {e.InnerException?.Message ?? e.Message}",
                inner: e
            ),
            _ => new ConnectException($"{where}: {e.InnerException?.Message ?? e.Message}", inner: e),
        };

    private static ConnectException Refusal(string where, int status, Func<string> body)
    {
        if (status is >= 500 or 408 or 429)
        {
            return new ConnectException($"{where} answers {status}");
        }

        return status >= 400
            ? new ConnectException($"{where} refuses this client ({status}): {Shortened(body())}", isFinal: true)
            : new ConnectException($"{where} answers {status}: it is no node of RaftLocks", isFinal: true);
    }

    private static ConnectException Untold(string where, int status, Func<string> body) =>
        status == (int)HttpStatusCode.Unauthorized
            ? new ConnectException(
                $"{where} is the leader and none of the nodes that this client was given: the token is sent to those "
                    + "only, so give that address too",
                isFinal: true
            )
            : Refusal(where, status, body);

    private static bool IsSameServer(Uri one, Uri other) =>
        IsSecure(one) == IsSecure(other)
        && one.Port == other.Port
        && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static string Shortened(string text) => text.Length <= MaxSentence ? text : text[..MaxSentence] + "…";
}
