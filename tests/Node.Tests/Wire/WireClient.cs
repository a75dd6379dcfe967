// A client of protocol v1 that shares no code with the node.
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace RaftLocks.Node.Tests.Wire;

internal sealed record WireReply(string Id, string Action, string State)
{
    public ulong Number => ulong.Parse(Id);
}

internal sealed record WireEnd(int Code, string Reason);

internal sealed class WireClient : IDisposable
{
    public static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket socket;
    private readonly Channel<string> replies = Channel.CreateUnbounded<string>();

    private WireClient(ClientWebSocket socket, bool reads)
    {
        this.socket = socket;
        Ended = reads ? ReadAsync() : Task.FromResult(new WireEnd(0, ""));
    }

    public Task<WireEnd> Ended { get; }

    /// <summary>The subprotocol that the node chose.</summary>
    public string? Subprotocol => socket.SubProtocol;

    public bool HasReply => replies.Reader.TryPeek(out _);

    /// <summary>A client that does not read answers no pings: its library never sees them.</summary>
    public static async Task<WireClient> ConnectAsync(
        Uri node,
        string ns,
        long? abandonTimeoutMs,
        bool reads = true,
        string extensions = "",
        Action<ClientWebSocketOptions>? options = null,
        HttpMessageInvoker? http = null
    )
    {
        var timeout = abandonTimeoutMs is null ? "" : $"&abandon-timeout-ms={abandonTimeoutMs}";
        var address = new UriBuilder(node)
        {
            Scheme = node.Scheme == "https" ? "wss" : "ws",
            Path = "/v1",
            Query = $"namespace={Uri.EscapeDataString(ns)}{timeout}&unknown=1{extensions}",
        };
        var opened = new ClientWebSocket();
        opened.Options.KeepAliveInterval = TimeSpan.Zero;
        options?.Invoke(opened.Options);
        await opened.ConnectAsync(address.Uri, http, CancellationToken.None);
        return new WireClient(opened, reads);
    }

    public static string LockText(params string[] resources) =>
        JsonSerializer.Serialize(
            new
            {
                action = "lock",
                resources = resources.Select(resource => new
                {
                    type = resource.StartsWith('?') ? "read" : "write",
                    path = resource.TrimStart('?').Split('/'),
                }),
            }
        );

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(byte[] message, WebSocketMessageType type = WebSocketMessageType.Text) =>
        socket.SendAsync(message, type, endOfMessage: true, CancellationToken.None);

    public Task SendPartAsync(byte[] part, bool last) =>
        socket.SendAsync(part, WebSocketMessageType.Text, last, CancellationToken.None);

    public Task SendLockAsync(params string[] resources) => SendAsync(LockText(resources));

    public Task SendReleaseAsync() => SendAsync("""{"action":"release"}""");

    public async Task<WireReply> NextAsync() =>
        JsonSerializer.Deserialize<WireReply>(await NextTextAsync(), JsonSerializerOptions.Web)!;

    /// <summary>The next message as it came.</summary>
    public async Task<string> NextTextAsync()
    {
        try
        {
            return await replies.Reader.ReadAsync().AsTask().WaitAsync(WaitBound);
        }
        catch (ChannelClosedException e)
        {
            throw new InvalidOperationException($"The connection has ended: {await Ended}", e);
        }
    }

    public async Task<WireReply> LockAsync(params string[] resources)
    {
        await SendLockAsync(resources);
        return await NextAsync();
    }

    public async Task<WireReply> ReleaseAsync()
    {
        await SendReleaseAsync();
        return await NextAsync();
    }

    public async Task CloseAsync()
    {
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        await Ended.WaitAsync(WaitBound);
    }

    public Task<WireEnd> EndAsync() => Ended.WaitAsync(WaitBound);

    public void Dispose() => socket.Dispose();

    // On a busy machine the answer comes too late: the close was heard all the same.
    private async Task AnswerCloseAsync()
    {
        try
        {
            if (socket.State == WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException) { }
    }

    private async Task<WireEnd> ReadAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    var end = new WireEnd((int)received.CloseStatus!.Value, received.CloseStatusDescription ?? "");
                    await AnswerCloseAsync();
                    return end;
                }

                replies.Writer.TryWrite(Encoding.UTF8.GetString(buffer, 0, received.Count));
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            return new WireEnd(0, "broken off: " + e.Message);
        }
        finally
        {
            replies.Writer.TryComplete();
        }
    }
}
