// A connection over a WebSocket.
using System.Net.WebSockets;

namespace RaftLocks.Client.Wire;

internal sealed class WebSocketWire(WebSocket socket, GatheringStream stream, Uri node) : IWire
{
    // A resume carries all resources of a lock, and those may be almost as long as a message may be.
    private const int MaxMessageBytes = 256 * 1024;
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    private byte[] buffer = new byte[4096];

    public Uri Node => node;

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, bool hasMore)
    {
        stream.Hold = hasMore;
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw new IOException(e.Message, e);
        }
    }

    public async ValueTask<Received> ReceiveAsync()
    {
        var length = 0;
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).ConfigureAwait(false);
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return new Received(default, IsEnd: true, (int?)socket.CloseStatus, socket.CloseStatusDescription);
                }

                if (part.EndOfMessage)
                {
                    return new Received(buffer.AsMemory(0, length), IsEnd: false, null, null);
                }

                if (length == buffer.Length)
                {
                    if (length >= MaxMessageBytes)
                    {
                        return new Received(default, IsEnd: true, null, $"the node sent a message of more than {MaxMessageBytes} bytes");
                    }

                    Array.Resize(ref buffer, length * 2);
                }
            }
        }
        catch (Exception e) when (IsBroken(e))
        {
            return new Received(default, IsEnd: true, null, e.Message);
        }
    }

    public async Task CloseAsync()
    {
        using var patience = new CancellationTokenSource(ClosePatience);
        stream.Hold = false;
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e))
        {
            // It is broken already.
        }

        socket.Abort();
    }

    public void Abort() => socket.Abort();

    public void Dispose() => socket.Dispose();

    private static bool IsBroken(Exception e) =>
        e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
