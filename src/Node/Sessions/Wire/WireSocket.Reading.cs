// What the client sends: frames become parts of messages; pings are answered on the way.
using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Sessions.Wire;

/// <content>Reading.</content>
internal sealed partial class WireSocket
{
    private byte[]? buffer;
    private int bufferStart;
    private int bufferEnd;
    private FrameHeader frame;
    private long frameTaken;
    private bool isInFrame;
    private bool isInMessage;
    private WebSocketMessageType messageType;
    private bool isBroken;

    private ReadOnlySpan<byte> Buffered => buffer.AsSpan(bufferStart, bufferEnd - bufferStart);

    /// <summary>
    /// Receives a part of a message, or the client's close. Into no bytes at all it waits until a message
    /// begins. After a frame that made no sense it waits until the client has ended the connection.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        if (isBroken || closeReceived)
        {
            await WaitForEndAsync(cancellationToken);
            return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true);
        }

        try
        {
            while (!isInFrame)
            {
                if (!FrameHeader.TryRead(Buffered, out var next))
                {
                    await FillAsync(cancellationToken);
                    continue;
                }

                bufferStart += next.Bytes;
                if (!next.IsControl)
                {
                    Begin(next);
                }
                else if (await TakeControlAsync(next, cancellationToken))
                {
                    return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true);
                }
            }
        }
        catch (WireProtocolException)
        {
            isBroken = true;
            throw;
        }

        return buffer.IsEmpty
            ? new ValueWebSocketReceiveResult(0, messageType, endOfMessage: false)
            : await TakePartAsync(buffer, cancellationToken);
    }

    private void Begin(in FrameHeader next)
    {
        if (next.Type == FrameType.Continuation != isInMessage)
        {
            throw new WireProtocolException(
                isInMessage
                    ? "a new message began before the one before it had ended"
                    : "a continuation came, but no message had begun"
            );
        }

        if (next.Type != FrameType.Continuation)
        {
            messageType = next.Type == FrameType.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
        }

        (frame, frameTaken, isInFrame, isInMessage) = (next, 0, true, !next.IsFinal);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ValueWebSocketReceiveResult> TakePartAsync(Memory<byte> into, CancellationToken token)
    {
        var wanted = (int)Math.Min(into.Length, frame.PayloadBytes - frameTaken);
        var taken = Math.Min(wanted, bufferEnd - bufferStart);
        if (taken > 0)
        {
            Buffered[..taken].CopyTo(into.Span);
            bufferStart += taken;
        }
        else if (wanted > 0)
        {
            // A large message goes straight to where it is wanted.
            taken = await ReadAsync(into[..wanted], token);
        }

        frame.Unmask(into.Span[..taken], frameTaken);
        frameTaken += taken;
        isInFrame = frameTaken < frame.PayloadBytes;
        return new ValueWebSocketReceiveResult(taken, messageType, !isInFrame && !isInMessage);
    }

    // True if it is the client's close.
    private async ValueTask<bool> TakeControlAsync(FrameHeader control, CancellationToken token)
    {
        while (bufferEnd - bufferStart < control.PayloadBytes)
        {
            await FillAsync(token);
        }

        var payload = buffer.AsMemory(bufferStart, (int)control.PayloadBytes);
        bufferStart += payload.Length;
        control.Unmask(payload.Span, offset: 0);
        switch (control.Type)
        {
            case FrameType.Close:
                TakeClose(payload.Span);
                return true;
            case FrameType.Ping when !closeSent:
                await SendControlAsync(FrameType.Pong, payload, token);
                return false;
            default:
                return false;
        }
    }

    private void TakeClose(ReadOnlySpan<byte> payload)
    {
        CloseFrame.Read(payload, out var code, out var reason);
        (closeStatus, closeReason) = (code, reason);
        closeReceived = true;
    }

    private async ValueTask WaitForEndAsync(CancellationToken token)
    {
        buffer ??= ArrayPool<byte>.Shared.Rent(Limits.ReadBufferBytes);
        while (await stream.ReadAsync(buffer, token) > 0) { }
    }

    // While nothing has come there is no buffer.
    private async ValueTask FillAsync(CancellationToken token)
    {
        if (bufferStart == bufferEnd)
        {
            ReturnBuffer();
            await ReadAsync(Memory<byte>.Empty, token);
        }
        else
        {
            Buffered.CopyTo(buffer);
            (bufferStart, bufferEnd) = (0, bufferEnd - bufferStart);
        }

        buffer ??= ArrayPool<byte>.Shared.Rent(Limits.ReadBufferBytes);
        bufferEnd += await ReadAsync(buffer.AsMemory(bufferEnd), token);
    }

    private async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken token)
    {
        // Silence counts from here: before, it was the server that did not listen.
        Volatile.Write(ref heardAt, time.GetTimestamp());
        isListening = true;
        var count = await stream.ReadAsync(into, token);
        isListening = false;
        return count > 0 || into.IsEmpty ? count : throw Gone();
    }

    private void ReturnBuffer()
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            (buffer, bufferStart, bufferEnd) = (null, 0, 0);
        }
    }
}
