// The handshake of RFC 6455, section 4: a request that turns its connection into a stream of frames.
using System.Security.Cryptography;
using System.Text;

namespace RaftLocks.Client.Wire;

/// <summary>One handshake: its request, and whether it was accepted.</summary>
/// <param name="token">The secret that says who asks; null for none.</param>
internal sealed class WebSocketHandshake(string? token = null)
{
    private const int KeyBytes = 16;

    // The standard's own constant.
    private const string Protocol = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private readonly string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>The headers of the request.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers =>
        [
            new("Connection", "Upgrade"),
            new("Upgrade", "websocket"),
            new("Sec-WebSocket-Version", "13"),
            new("Sec-WebSocket-Key", key),
            .. token is null ? [] : new KeyValuePair<string, string>[] { new("Authorization", $"Bearer {token}") },
        ];

    /// <summary>Builds the request.</summary>
    public byte[] Request(Uri address)
    {
        var host = address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost;
        var lines = new StringBuilder(
            $"GET {address.PathAndQuery} HTTP/1.1\r\nHost: "
                + $"{host}{(address.IsDefaultPort ? "" : $":{address.Port}")}\r\n"
        );
        foreach (var (name, value) in Headers)
        {
            lines.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(lines.Append("\r\n").ToString());
    }

    /// <summary>Whether the answer comes from a WebSocket server that has read the request.</summary>
    public bool IsProof(string? accept) => accept == Proof();

#pragma warning disable CA5350 // The standard wants SHA-1; nothing secret depends on it.
    private string Proof() => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Protocol)));
#pragma warning restore CA5350
}
