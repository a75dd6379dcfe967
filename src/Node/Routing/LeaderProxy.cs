// Forwards a client's request, WebSocket or not, to the leader, byte for byte: pings, closes and breaks pass through.
// One hop only: a forwarded request carries a mark, and whoever gets it and does not lead answers 503.
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Settings;
using Yarp.ReverseProxy.Forwarder;

namespace RaftLocks.Node.Routing;

/// <summary>Forwards to the leader.</summary>
internal sealed class LeaderProxy(NodeSettings settings, IHttpForwarder forwarder) : IDisposable
{
    private const string Mark = "RaftLocks-Forwarded-By";

    // The leader pings each connection; one over which nothing goes for several intervals has lost its leader.
    private const int SilentIntervals = 3;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = ConnectTimeout,
    });

    private readonly ForwarderRequestConfig config = new()
    {
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = TimeSpan.FromMilliseconds((SilentIntervals * (long)settings.PingIntervalMs) + settings.PingTimeoutMs),
    };

    private readonly Marking marking = new(settings.Name);

    /// <summary>Whether another node forwarded this request.</summary>
    public static bool WasForwarded(HttpContext context) => context.Request.Headers.ContainsKey(Mark);

    /// <summary>Forwards; returns when all is answered, or the connection has ended.</summary>
    public async Task ForwardAsync(HttpContext context, Member leader)
    {
        var outcome = await forwarder.SendAsync(context, leader.InternalUrl.AbsoluteUri, client, config, marking);
        if (outcome != ForwarderError.None && !context.Response.HasStarted)
        {
            await Answer.TryAgainAsync(context, $"The leader {leader.Name} could not be reached: try again soon.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private sealed class Marking(string name) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.TryAddWithoutValidation(Mark, name);
        }
    }
}
