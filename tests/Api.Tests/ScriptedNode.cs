// A node on a socket of its own, with answers that the test wrote.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RaftLocks.Api.Tests;

internal sealed class ScriptedNode : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> clients = [];
    private readonly Func<string, string?> answer;

    /// <param name="answer">From the head of a request to what is sent, all of it; null for nothing, ever.</param>
    public ScriptedNode(Func<string, string?> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = ServeAsync();
    }

    public Uri Url => new($"http://{listener.LocalEndpoint}");

    /// <summary>The heads of the requests that came.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static string Json(string json) => Http("200 OK", json, "application/json");

    public static string Redirect(Uri to) =>
        $"HTTP/1.1 307 Temporary Redirect\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n";

    public static string Http(string status, string body, string type = "text/plain")
    {
        var length = Encoding.UTF8.GetByteCount(body);
        return $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n{body}";
    }

    public void Dispose()
    {
        listener.Stop();
        foreach (var client in clients)
        {
            client.Dispose();
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                clients.Add(client);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            var stream = client.GetStream();
            var buffer = new byte[64 * 1024];
            while (await stream.ReadAsync(buffer) is > 0 and var length)
            {
                var head = Encoding.UTF8.GetString(buffer, 0, length);
                if (!head.Contains("HTTP/1.1\r\n", StringComparison.Ordinal))
                {
                    // A body that came by itself.
                    continue;
                }

                Asked.Enqueue(head);
                if (answer(head) is { } text)
                {
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The client has gone, or the test is over.
        }
    }
}
