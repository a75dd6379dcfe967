// What the server sends: the writer's messages, and between them pings, pongs and the close.
using System.Buffers;
using System.Net.WebSockets;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Sessions.Wire;

/// <content>Writing.</content>
internal sealed partial class WireSocket
{
    private static readonly TimeSpan CloseAnswer = TimeSpan.FromMilliseconds(Limits.CloseAnswerMs);
    private static readonly TimeSpan CloseHandshake = TimeSpan.FromMilliseconds(Limits.CloseHandshakeMs);

    private readonly SemaphoreSlim writeGate = new(1);

    // When the write that is under way began; 0 if there is none.
    private long writingSince;

    /// <inheritdoc/>
    public override async ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer,
        WebSocketMessageType messageType,
        bool endOfMessage,
        CancellationToken cancellationToken
    )
    {
        var type = messageType == WebSocketMessageType.Text ? FrameType.Text : FrameType.Binary;
        await writeGate.WaitAsync(cancellationToken);
        await WriteFrameAsync(type, endOfMessage, buffer, cancellationToken);
    }

    /// <summary>Sends the server's close: it sends nothing after it.</summary>
    public override async Task CloseOutputAsync(
        WebSocketCloseStatus closeStatus,
        string? statusDescription,
        CancellationToken cancellationToken
    )
    {
        var payload = new byte[FrameHeader.MaxControlBytes];
        var length = CloseFrame.Write(payload, closeStatus, statusDescription);
        await writeGate.WaitAsync(cancellationToken);
        if (closeSent)
        {
            writeGate.Release();
            return;
        }

        await WriteFrameAsync(FrameType.Close, isFinal: true, payload.AsMemory(0, length), cancellationToken);
        closeSent = true;
        if (!closeReceived)
        {
            _ = EndSoonAsync();
        }
    }

    // A client that answers the close ends the connection by that. One that does not is told by TCP that nothing more
    // will come, and has some time to read what is there before the connection is broken off.
    private async Task EndSoonAsync()
    {
        await Task.Delay(CloseAnswer, time);
        if (State == WebSocketState.CloseSent)
        {
            ends.EndSending();
        }

        await Task.Delay(CloseHandshake, time);
        if (State == WebSocketState.CloseSent)
        {
            Abort();
        }
    }

    private async ValueTask SendControlAsync(FrameType type, ReadOnlyMemory<byte> payload, CancellationToken token)
    {
        await writeGate.WaitAsync(token);
        await WriteFrameAsync(type, isFinal: true, payload, token);
    }

    /// <summary>Writes a frame; whoever calls holds the gate, which is open again afterwards.</summary>
    private async ValueTask WriteFrameAsync(
        FrameType type,
        bool isFinal,
        ReadOnlyMemory<byte> payload,
        CancellationToken token
    )
    {
        byte[]? bytes = null;
        try
        {
            if (aborted || closeSent)
            {
                throw new WebSocketException(WebSocketError.InvalidState, "The connection is closed.");
            }

            bytes = ArrayPool<byte>.Shared.Rent(FrameHeader.MaxBytes + payload.Length);
            var head = FrameHeader.Write(bytes, type, isFinal, payload.Length);
            payload.CopyTo(bytes.AsMemory(head));
            Volatile.Write(ref writingSince, time.GetTimestamp());
            await stream.WriteAsync(bytes.AsMemory(0, head + payload.Length), token);
        }
        finally
        {
            Volatile.Write(ref writingSince, 0);
            if (bytes is not null)
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }

            writeGate.Release();
        }
    }
}
