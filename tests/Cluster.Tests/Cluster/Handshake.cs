using System.Net;
using System.Net.WebSockets;

namespace RaftLocks.Cluster;

// Opens WebSocket connections as a careful client does: a 307 is followed by hand, because most libraries
// (.NET's among them) do not follow it on their own terms; a refusal keeps its status and headers.

/// <summary>A handshake that was answered with something else than 101.</summary>
public sealed class HandshakeRefusedException(HttpStatusCode status, string? location, string? retryAfter)
    : Exception(
        $"The handshake was answered {(int)status} (Location: {location ?? "none"}, Retry-After: "
            + $"{retryAfter ?? "none"})."
    )
{
    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>Where the leader is, for a 307.</summary>
    public string? Location { get; } = location;

    /// <summary>When to try again, for a 503.</summary>
    public string? RetryAfter { get; } = retryAfter;
}

/// <summary>WebSocket handshakes.</summary>
public static class Handshake
{
    private const int MaxRedirects = 3;
    private static readonly HttpMessageInvoker Invoker = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            SslOptions = NodeTrust.Options,
            PooledConnectionLifetime = TimeSpan.Zero,
        }
    );

    /// <summary>The address of protocol v1 on a node.</summary>
    public static Uri V1(
        Uri node,
        string ns,
        long? abandonTimeoutMs = null,
        string? session = null,
        bool extended = false
    ) =>
        new UriBuilder(node)
        {
            Scheme = node.Scheme is "https" or "wss" ? "wss" : "ws",
            Path = "/v1",
            Query =
                "namespace="
                + Uri.EscapeDataString(ns)
                + (abandonTimeoutMs is null ? "" : $"&abandon-timeout-ms={abandonTimeoutMs}")
                + (session is null ? "" : $"&session={session}")
                + (extended ? "&extensions=1" : ""),
        }.Uri;

    /// <summary>One handshake, no redirect followed.</summary>
    /// <exception cref="HandshakeRefusedException">The answer was not 101.</exception>
    public static async Task<ClientWebSocket> OnceAsync(
        Uri address,
        CancellationToken token,
        TimeSpan pingEvery = default
    )
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = pingEvery;
        socket.Options.KeepAliveTimeout = pingEvery == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : 3 * pingEvery;
        try
        {
            await socket.ConnectAsync(address, Invoker, token);
            socket.HttpResponseHeaders = null;
            return socket;
        }
        catch (WebSocketException) when (socket.HttpStatusCode is >= HttpStatusCode.OK)
        {
            var refused = new HandshakeRefusedException(
                socket.HttpStatusCode,
                Header(socket, "Location"),
                Header(socket, "Retry-After")
            );
            socket.Dispose();
            throw refused;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A handshake that follows redirects to the leader.</summary>
    public static async Task<ClientWebSocket> FollowAsync(
        Uri address,
        CancellationToken token,
        TimeSpan pingEvery = default
    )
    {
        for (var redirects = 0; ; redirects++)
        {
            try
            {
                return await OnceAsync(address, token, pingEvery);
            }
            catch (HandshakeRefusedException refused)
                when (refused is { Status: HttpStatusCode.TemporaryRedirect, Location: not null }
                    && redirects < MaxRedirects
                )
            {
                // The framework's WebSocket takes ws and wss only; a redirect names http or https.
                address = new UriBuilder(new Uri(address, refused.Location)) { Scheme = address.Scheme }.Uri;
            }
        }
    }

    private static string? Header(ClientWebSocket socket, string name) =>
        socket
            .HttpResponseHeaders?.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Value?.FirstOrDefault();
}
