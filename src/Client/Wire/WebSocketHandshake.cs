// The handshake of RFC 6455, section 4: a request that turns its connection into a stream of frames. ClientWebSocket does the same, but
// keeps the stream to itself, so that several messages could not be sent at once, and the sentence of a refusal too.
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace RaftLocks.Client.Wire;

/// <summary>One handshake: what is asked, and whether it was granted.</summary>
internal sealed class WebSocketHandshake
{
    private const int KeyBytes = 16;

    // The standard's own constant.
    private const string Protocol = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private readonly string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>The request.</summary>
    public HttpRequestMessage Request(Uri address)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new("websocket"));
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", key);
        return request;
    }

    /// <summary>Whether the answer comes from a WebSocket server that has read the request.</summary>
    public bool IsGrantedBy(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.SwitchingProtocols
        && answer.Headers.TryGetValues("Sec-WebSocket-Accept", out var proof)
        && proof.SequenceEqual([Proof()], StringComparer.Ordinal);

#pragma warning disable CA5350 // The standard wants SHA-1; nothing secret depends on it.
    private string Proof() => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Protocol)));
#pragma warning restore CA5350
}
