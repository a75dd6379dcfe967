// The server's answer to a WebSocket handshake (RFC 6455, section 4.2.2). ASP.NET Core's middleware has checked the
// request.
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions.Wire;

internal static class Handshake
{
    private const string Salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Accepts, and returns the server's end.</summary>
    public static async Task<(WireSocket Socket, CorkedStream Stream)> AcceptAsync(
        HttpContext context,
        TcpLiveness tcp,
        TimeProvider time
    )
    {
        tcp.Watch(SocketOf(context));
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = Answer(context.Request.Headers.SecWebSocketKey.ToString());
        if (context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocols.V1, StringComparer.Ordinal))
        {
            context.Response.Headers.SecWebSocketProtocol = Subprotocols.V1;
        }

        var upgrade = (CorkedUpgrade)context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        await upgrade.UpgradeAsync();
        return (new WireSocket(upgrade.Stream!, new Ends(context), time), upgrade.Stream!);
    }

    /// <summary>The socket beneath a request; null if there is none.</summary>
    public static Socket? SocketOf(HttpContext context) => context.Features.Get<IConnectionSocketFeature>()?.Socket;

    // SHA-1 is what the standard asks for; nothing depends on its strength.
#pragma warning disable CA5350
    private static string Answer(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Salt)));
#pragma warning restore CA5350

    private sealed class Ends(HttpContext context) : IWireEnds
    {
        // Both are asked for now: after the request has ended its context serves another.
        private readonly IHttpRequestLifetimeFeature lifetime =
            context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        private readonly Socket? plain = context.Request.IsHttps ? null : SocketOf(context);

        public void Abort() => lifetime.Abort();

        // Under TLS the end of what is sent must be said by TLS, which can't be done from here: the client sees it when
        // the connection ends.
        public void EndSending()
        {
            try
            {
                plain?.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It has ended already.
            }
        }
    }
}
