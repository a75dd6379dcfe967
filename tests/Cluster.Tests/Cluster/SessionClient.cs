using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace RaftLocks.Cluster;

// A client that speaks the extensions of the protocol: it comes back with its token, and hands out messages as JSON.

/// <summary>A connection of a session that outlives it.</summary>
public sealed class SessionClient : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly ClientWebSocket _socket;
    private readonly Channel<JsonElement> _messages = Channel.CreateUnbounded<JsonElement>();
    private readonly Task _reading;

    private SessionClient(ClientWebSocket socket)
    {
        _socket = socket;
        _reading = ReadAsync();
    }

    /// <summary>
    /// Connects to the leader through any of the cluster's nodes, trying until one serves; returns where the session
    /// stands too.
    /// </summary>
    public static async Task<(SessionClient Client, JsonElement Stands)> ConnectAsync(
        LocalCluster cluster,
        string ns,
        string token,
        long abandonTimeoutMs
    )
    {
        var client = await Eventually.FindAsync(
            "a node that serves",
            LocalCluster.ElectionBound,
            async () =>
            {
                foreach (var node in cluster.Running)
                {
                    using var tooLong = new CancellationTokenSource(Bound);
                    try
                    {
                        return new SessionClient(
                            await Handshake.FollowAsync(
                                Handshake.V1(node.Url, ns, abandonTimeoutMs, token),
                                tooLong.Token
                            )
                        );
                    }
                    catch (Exception notServed)
                        when (notServed is HandshakeRefusedException or WebSocketException or OperationCanceledException
                        )
                    { }
                }

                return null;
            }
        );
        try
        {
            return (client, await client.NextAsync());
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends one message.</summary>
    public async Task SendAsync(string json) =>
        await _socket.SendAsync(
            Encoding.UTF8.GetBytes(json),
            WebSocketMessageType.Text,
            endOfMessage: true,
            CancellationToken.None
        );

    /// <summary>The next message.</summary>
    /// <exception cref="ChannelClosedException">The connection has ended.</exception>
    public async Task<JsonElement> NextAsync()
    {
        using var tooLong = new CancellationTokenSource(Bound);
        return await _messages.Reader.ReadAsync(tooLong.Token);
    }

    /// <summary>Completes when the connection has ended.</summary>
    public Task Ended => _reading;

    /// <summary>Whether it has, and all its messages were handed out.</summary>
    public bool HasEnded => _messages.Reader.Completion.IsCompleted;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (
                await _socket.ReceiveAsync(buffer, CancellationToken.None)
                    is { MessageType: WebSocketMessageType.Text } frame
            )
            {
                using var json = JsonDocument.Parse(buffer.AsMemory(0, frame.Count));
                _messages.Writer.TryWrite(json.RootElement.Clone());
            }
        }
        catch (Exception broken)
            when (broken is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It has ended all the same.
        }
        finally
        {
            _messages.Writer.TryComplete();
        }
    }
}
