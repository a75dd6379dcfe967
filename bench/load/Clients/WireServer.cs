using System.Net.WebSockets;
using RaftLocks.Cluster;

namespace RaftLocks.Load.Clients;

// Any server of the WebSocket protocol v1. A client looks for the state's word in the reply instead of parsing
// JSON: the generator shares the machine with the server. In load C all clients share one connection.

/// <summary>A server of protocol v1, known by the address of any of its nodes.</summary>
internal sealed class WireServer(Uri url, string ns, int seed) : ILockServer, IAsyncDisposable
{
    private const long AbandonTimeoutMs = 1_000;
    private readonly SharedConnection shared = new(url, ns);

    /// <inheritdoc />
    public async Task<ILocker> ConnectAsync(string load, int client, CancellationToken token) => load == "C"
        ? shared.Channel(client)
        : new WireLocker(await Handshake.FollowAsync(Handshake.V1(url, ns, AbandonTimeoutMs), token), Workload.Of(load, client, seed));

    /// <inheritdoc />
    public ValueTask DisposeAsync() => shared.DisposeAsync();
}

/// <summary>One connection.</summary>
internal sealed class WireLocker(ClientWebSocket socket, Workload workload) : ILocker
{
    private static readonly byte[] Release = """{"action":"release"}"""u8.ToArray();
    private readonly byte[] received = new byte[1024];

    /// <inheritdoc />
    public async ValueTask AcquireAsync(CancellationToken token)
    {
        await SendAsync(workload.Next(), token);
        while (!await ReceiveAsync(token))
        {
        }
    }

    /// <inheritdoc />
    public async ValueTask ReleaseAsync(CancellationToken token)
    {
        await SendAsync(Release, token);
        await ReceiveAsync(token);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken token) =>
        socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, token);

    /// <summary>Whether the reply says "acquired".</summary>
    private async ValueTask<bool> ReceiveAsync(CancellationToken token)
    {
        var frame = await socket.ReceiveAsync(received.AsMemory(), token);
        return frame.MessageType == WebSocketMessageType.Close
            ? throw new WebSocketException($"closed by the server: {socket.CloseStatus} {socket.CloseStatusDescription}")
            : received.AsSpan(0, frame.Count).IndexOf("\"acquired\""u8) >= 0;
    }
}
