// Forwards a client's request, WebSocket or not, to the leader, byte for byte: pings, closes and breaks pass through.
// One hop only: a forwarded request carries a mark, and a node that gets it and does not lead answers 503.
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Http.Features;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Sessions.Wire;
using Yarp.ReverseProxy.Forwarder;

namespace RaftLocks.Node.Routing;

/// <summary>Forwards to the leader.</summary>
/// <param name="settings">The node's.</param>
/// <param name="tls">How the leader is asked by https.</param>
/// <param name="forwarder">Moves the bytes.</param>
/// <param name="certificates">Knows which client certificate was seen.</param>
internal sealed class LeaderProxy(
    NodeSettings settings,
    TlsClient tls,
    IHttpForwarder forwarder,
    CertificateAuthentication certificates
) : IDisposable
{
    // The leader pings each connection that is silent, answered or not; one over which nothing goes for several
    // intervals has lost its leader.
    private const int SilentIntervals = 3;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly TcpLiveness tcp = new(settings);

    private readonly HttpMessageInvoker client = new(
        new SocketsHttpHandler
        {
            ConnectCallback = (context, token) => ConnectAsync(context, new TcpLiveness(settings), token),
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectTimeout,
            SslOptions = tls.Options(),
        }
    );

    private readonly ForwarderRequestConfig config = new()
    {
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = TimeSpan.FromMilliseconds(
            (SilentIntervals * (long)settings.PingIntervalMs) + settings.PingTimeoutMs
        ),
    };

    private readonly Marking marking = new(settings.Name, certificates);

    /// <summary>
    /// Whether the leader would know who a client is. It does not see the client's certificate, and takes this node's
    /// word for it only if this node can prove that it is a member.
    /// </summary>
    public bool CanForward(HttpContext context, Member leader) =>
        (settings.RaftCertificates is not null && leader.InternalUrl.Scheme == Uri.UriSchemeHttps)
        || certificates.Seen(context) is null;

    /// <summary>Forwards; returns when all is answered, or the connection has ended.</summary>
    public async Task ForwardAsync(HttpContext context, Member leader)
    {
        await using var upgrade = context.WebSockets.IsWebSocketRequest
            ? new LingeringUpgrade(context.Features.GetRequiredFeature<IHttpUpgradeFeature>())
            : null;
        if (upgrade is not null)
        {
            tcp.Watch(Handshake.SocketOf(context));

            // The client may offer several protocols, as in "h2c, websocket"; the forwarder knows only one by itself.
            context.Request.Headers.Upgrade = "websocket";
            context.Features.Set<IHttpUpgradeFeature>(upgrade);
        }

        var outcome = await forwarder.SendAsync(context, leader.InternalUrl.AbsoluteUri, client, config, marking);
        if (outcome != ForwarderError.None && !context.Response.HasStarted)
        {
            await Responses.UnavailableAsync(
                context,
                $"The leader {leader.Name} could not be reached{Why(context)}: try again soon."
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    // A certificate that this node does not trust stays so until somebody repairs it.
    private static string Why(HttpContext context) =>
        context.GetForwarderErrorFeature()?.Exception?.InnerException is AuthenticationException untrusted
            ? $" by TLS ({untrusted.Message})"
            : "";

    // TCP checks the leader's end of the connection as it does the client's: nothing else can tell that it is gone
    // while all are silent.
    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        TcpLiveness tcp,
        CancellationToken token
    )
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, token);
            tcp.Watch(socket);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class Marking(string name, CertificateAuthentication certificates) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext,
            HttpRequestMessage proxyRequest,
            string destinationPrefix,
            CancellationToken cancellationToken
        )
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.Remove(ForwardedRequests.Mark);
            proxyRequest.Headers.TryAddWithoutValidation(ForwardedRequests.Mark, name);
            proxyRequest.Headers.Remove(AuditLog.ForwardedFor);
            proxyRequest.Headers.TryAddWithoutValidation(AuditLog.ForwardedFor, AuditLog.Peer(httpContext));
            proxyRequest.Headers.Remove(CertificateAuthentication.SeenHeader);
            if (certificates.Seen(httpContext) is { } seen)
            {
                proxyRequest.Headers.TryAddWithoutValidation(CertificateAuthentication.SeenHeader, seen);
            }
        }
    }
}
