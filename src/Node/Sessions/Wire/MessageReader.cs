// Receives the text messages of one connection. While the client is silent the connection has no buffer.
using System.Buffers;
using System.Net.WebSockets;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>A message, or why there is none.</summary>
/// <param name="Bytes">Valid until the next is received.</param>
/// <param name="Refusal">What is wrong with it.</param>
/// <param name="IsClose">Whether the client closes instead.</param>
internal readonly record struct Received(ReadOnlyMemory<byte> Bytes, Refusal? Refusal, bool IsClose);

/// <summary>Receives messages, one at a time.</summary>
internal sealed class MessageReader(WebSocket socket, MessageLimits limits) : IDisposable
{
    private const int FirstBufferBytes = 4096;

    private static readonly Refusal Binary = Refusal.BadInput("a binary message: send JSON in a text message");

    private byte[]? buffer;

    /// <summary>Waits for the next message and receives it whole.</summary>
    public async ValueTask<Received> ReceiveAsync()
    {
        try
        {
            return await ReceiveMessageAsync();
        }
        catch (WireProtocolException broken)
        {
            return new Received(default, broken.Refusal, IsClose: false);
        }
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }

    private async ValueTask<Received> ReceiveMessageAsync()
    {
        var arriving = socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        if (!arriving.IsCompleted)
        {
            Dispose();
        }

        var part = await arriving;
        if (part.MessageType == WebSocketMessageType.Close)
        {
            return new Received(default, null, IsClose: true);
        }

        if (part.MessageType == WebSocketMessageType.Binary)
        {
            return new Received(default, Binary, IsClose: false);
        }

        buffer ??= ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        var length = part.Count;
        while (!part.EndOfMessage)
        {
            if (length == buffer.Length)
            {
                Grow(length);
            }

            part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
            if (length > limits.MaxMessageBytes)
            {
                return new Received(default, MessageParser.TooLarge(limits), IsClose: false);
            }
        }

        return new Received(buffer.AsMemory(0, length), null, IsClose: false);
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer!);
        buffer = larger;
    }
}
