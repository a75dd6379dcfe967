// One request, byte for byte as it is written here, and the head of its answer. Libraries put paths into a form of
// their own first.
using System.Net.Sockets;
using System.Text;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Http;

/// <summary>The head of an answer.</summary>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers);

internal static class RawRequest
{
    /// <summary>Sends a request and reads the answer's head.</summary>
    public static async Task<RawAnswer> SendAsync(
        Uri node,
        string method,
        string target,
        string host = "localhost",
        string? origin = null,
        string more = ""
    )
    {
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(node.Host, node.Port);
        var stream = tcp.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n"
                    + $"{(origin is null ? "" : $"Origin: {origin}\r\n")}{more}\r\n"
            )
        );
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var status = await reader.ReadLineAsync().WaitAsync(WireClient.WaitBound);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync().WaitAsync(WireClient.WaitBound) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            Assert.True(headers.TryAdd(line[..colon], line[(colon + 1)..].Trim()), $"twice: {line}");
        }

        return new RawAnswer(int.Parse(status!.Split(' ')[1]), headers);
    }
}
