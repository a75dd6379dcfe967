using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;

namespace RaftLocks.Cluster;

// A client of protocol v1 for tests: it reads all the time (so pings are answered and a close is seen at
// once) and hands out the replies one by one, each with the moment at which it came.

/// <summary>
/// One reply of the server; id 0 where it names none. A pong has no state, but the mark of its ping. A reason is there
/// where a lock was refused or ended.
/// </summary>
public sealed record Reply(
    ulong Id,
    string Action,
    string State,
    long ReceivedAt,
    string? Mark = null,
    string? Reason = null
);

/// <summary>How the server ended a connection; code 0 when it broke without a close frame.</summary>
public sealed record Closing(int Code, string? Reason);

/// <summary>The connection ended while a reply was awaited.</summary>
public sealed class ConnectionEndedException(Closing closing) : Exception($"The connection ended: {closing}")
{
    /// <summary>How it ended.</summary>
    public Closing Closing { get; } = closing;
}

/// <summary>A connection that speaks protocol v1.</summary>
public sealed class WireClient : IAsyncDisposable
{
    private static readonly TimeSpan DefaultBound = TimeSpan.FromSeconds(20);
    private readonly ClientWebSocket _socket;
    private readonly Channel<Reply> _replies = Channel.CreateUnbounded<Reply>();
    private readonly Task<Closing> _reading;

    private WireClient(ClientWebSocket socket)
    {
        _socket = socket;
        _reading = ReadAsync();
    }

    /// <summary>Completes when the connection has ended.</summary>
    public Task<Closing> Ended => _reading;

    /// <summary>Connects through the given node, following a redirect.</summary>
    /// <exception cref="TimeoutException">No answer within the bound: a frozen node accepts connections and says
    /// nothing.</exception>
    public static Task<WireClient> ConnectAsync(
        NodeProcess node,
        string ns,
        long? abandonTimeoutMs = null,
        TimeSpan? bound = null,
        TimeSpan pingEvery = default
    ) => ConnectAsync(node.Url, ns, abandonTimeoutMs, bound, pingEvery);

    /// <summary>The same, of the node at an address.</summary>
    public static async Task<WireClient> ConnectAsync(
        Uri node,
        string ns,
        long? abandonTimeoutMs = null,
        TimeSpan? bound = null,
        TimeSpan pingEvery = default,
        string? session = null,
        bool extended = false
    )
    {
        using var tooLong = new CancellationTokenSource(bound ?? DefaultBound);
        try
        {
            return new WireClient(
                await Handshake.FollowAsync(
                    Handshake.V1(node, ns, abandonTimeoutMs, session, extended),
                    tooLong.Token,
                    pingEvery
                )
            );
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException(
                $"{node} did not answer the handshake within {(bound ?? DefaultBound).TotalSeconds:F1} s.",
                late
            );
        }
    }

    /// <summary>Connects to the leader through any of the cluster's nodes, trying until one serves.</summary>
    public static Task<WireClient> ConnectAsync(LocalCluster cluster, string ns, long? abandonTimeoutMs = null) =>
        Eventually.FindAsync(
            "a node that serves",
            LocalCluster.ElectionBound,
            async () =>
            {
                foreach (var node in cluster.Running)
                {
                    try
                    {
                        return await ConnectAsync(node, ns, abandonTimeoutMs);
                    }
                    catch (Exception notServed) when (notServed is HandshakeRefusedException or WebSocketException) { }
                }

                return null;
            }
        );

    /// <summary>Sends a lock, and does not wait for the reply.</summary>
    public Task SendLockAsync(params string[] paths) => SendAsync(LockMessage(paths));

    /// <summary>Sends a lock of the given paths ("a/b": write, "?a/b": read) and returns the first reply.</summary>
    public async Task<Reply> LockAsync(params string[] paths)
    {
        await SendAsync(LockMessage(paths));
        return await NextAsync();
    }

    /// <summary>Sends a release and returns the reply.</summary>
    public async Task<Reply> ReleaseAsync()
    {
        await SendAsync("""{"action":"release"}"""u8.ToArray());
        return await NextAsync();
    }

    /// <summary>The next reply, waited for within a bound.</summary>
    public async Task<Reply> NextAsync(TimeSpan? bound = null)
    {
        using var tooLong = new CancellationTokenSource(bound ?? DefaultBound);
        try
        {
            return await _replies.Reader.ReadAsync(tooLong.Token);
        }
        catch (ChannelClosedException)
        {
            throw new ConnectionEndedException(await _reading);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"No reply within {(bound ?? DefaultBound).TotalSeconds:F1} s.", late);
        }
    }

    /// <summary>Whether a reply has come that was not handed out.</summary>
    public bool HasReply => _replies.Reader.TryPeek(out _);

    /// <summary>Sends one text message.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> utf8) =>
        await _socket.SendAsync(utf8, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Closes the connection with a close frame and waits for the server's.</summary>
    public async Task CloseAsync()
    {
        using var tooLong = new CancellationTokenSource(DefaultBound);
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, tooLong.Token);
            await _reading.WaitAsync(tooLong.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"The close was not answered within {DefaultBound.TotalSeconds:F1} s.", late);
        }
    }

    /// <summary>Breaks the connection without a close frame.</summary>
    public async Task BreakAsync()
    {
        _socket.Abort();
        await _reading;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await BreakAsync();
        _socket.Dispose();
    }

    private static ReadOnlyMemory<byte> LockMessage(string[] paths)
    {
        var message = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(message);
        json.WriteStartObject();
        json.WriteString("action", "lock");
        json.WriteStartArray("resources");
        foreach (var path in paths)
        {
            json.WriteStartObject();
            json.WriteString("type", path.StartsWith('?') ? "read" : "write");
            json.WriteStartArray("path");
            foreach (var segment in path.TrimStart('?').Split('/'))
            {
                json.WriteStringValue(segment);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return message.WrittenMemory;
    }

    // The server waits a while for the answer to its close frame. On a busy machine it comes too late: the close was
    // heard all the same.
    private async Task AnswerCloseAsync()
    {
        try
        {
            if (_socket.State == WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
        }
        catch (Exception late)
            when (late is WebSocketException or OperationCanceledException or ObjectDisposedException)
        { }
    }

    private async Task<Closing> ReadAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var frame = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                if (frame.MessageType == WebSocketMessageType.Close)
                {
                    await AnswerCloseAsync();
                    return new Closing((int?)_socket.CloseStatus ?? 0, _socket.CloseStatusDescription);
                }

                using var json = JsonDocument.Parse(buffer.AsMemory(0, frame.Count));
                var root = json.RootElement;
                _replies.Writer.TryWrite(
                    new Reply(
                        root.TryGetProperty("id", out var id)
                            ? ulong.Parse(id.GetString()!, System.Globalization.CultureInfo.InvariantCulture)
                            : 0,
                        root.GetProperty("action").GetString()!,
                        root.TryGetProperty("state", out var state) ? state.GetString()! : "",
                        Stopwatch.GetTimestamp(),
                        root.TryGetProperty("t", out var mark) ? mark.GetString() : null,
                        root.TryGetProperty("reason", out var reason) ? reason.GetString() : null
                    )
                );
            }
        }
        catch (Exception broken)
            when (broken is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            return new Closing(0, broken.Message);
        }
        finally
        {
            _replies.Writer.TryComplete();
        }
    }
}
