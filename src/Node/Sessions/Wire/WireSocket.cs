// The server's end of a WebSocket over an upgraded connection. The framework's own can neither tell who is silent, nor
// answer a close with its own code, nor say what was wrong with a frame. One reader, one writer; pings and pongs go
// between the writer's frames. Nothing is buffered while the client says nothing. Writing is here;
// WireSocket.Reading.cs has the other direction.
using System.Buffers;
using System.Net.WebSockets;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>The server's end of one WebSocket.</summary>
internal sealed partial class WireSocket : WebSocket
{
    private static readonly TimeSpan CloseAnswer = TimeSpan.FromMilliseconds(Limits.CloseAnswerMs);
    private static readonly TimeSpan CloseHandshake = TimeSpan.FromMilliseconds(Limits.CloseHandshakeMs);

    private readonly CorkedStream stream;
    private readonly IWireEnds ends;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim writeGate = new(1);
    private volatile bool closeSent;
    private volatile bool closeReceived;
    private volatile bool aborted;
    private WebSocketCloseStatus? closeStatus;
    private string? closeReason;

    // When the write that is under way began; 0 if there is none.
    private long writingSince;

    /// <summary>Makes one over a connection that was upgraded.</summary>
    /// <param name="stream">The connection's bytes.</param>
    /// <param name="ends">How the connection is ended.</param>
    /// <param name="time">The clock.</param>
    public WireSocket(CorkedStream stream, IWireEnds ends, TimeProvider time)
    {
        this.stream = stream;
        this.ends = ends;
        this.time = time;
        heardAt = pingedAt = time.GetTimestamp();
    }

    /// <inheritdoc/>
    public override WebSocketCloseStatus? CloseStatus => closeStatus;

    /// <inheritdoc/>
    public override string? CloseStatusDescription => closeReason;

    /// <inheritdoc/>
    public override string? SubProtocol => null;

    /// <inheritdoc/>
    public override WebSocketState State =>
        aborted ? WebSocketState.Aborted
        : closeSent && closeReceived ? WebSocketState.Closed
        : closeSent ? WebSocketState.CloseSent
        : closeReceived ? WebSocketState.CloseReceived
        : WebSocketState.Open;

    /// <inheritdoc/>
    public override void Abort()
    {
        aborted = true;
        ends.Abort();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        aborted = true;
        ReturnBuffer();
        writeGate.Dispose();
    }

    /// <inheritdoc/>
    public override Task CloseAsync(
        WebSocketCloseStatus closeStatus,
        string? statusDescription,
        CancellationToken cancellationToken
    ) =>
        throw new NotSupportedException(
            "Send the close with CloseOutputAsync; receive the client's with ReceiveAsync."
        );

    /// <inheritdoc/>
    public override async Task<WebSocketReceiveResult> ReceiveAsync(
        ArraySegment<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        var received = await ReceiveAsync(buffer.AsMemory(), cancellationToken);
        return new WebSocketReceiveResult(
            received.Count,
            received.MessageType,
            received.EndOfMessage,
            closeStatus,
            closeReason
        );
    }

    /// <inheritdoc/>
    public override Task SendAsync(
        ArraySegment<byte> buffer,
        WebSocketMessageType messageType,
        bool endOfMessage,
        CancellationToken cancellationToken
    ) => SendAsync(buffer.AsMemory(), messageType, endOfMessage, cancellationToken).AsTask();

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

    private static WebSocketException Gone() =>
        new(WebSocketError.ConnectionClosedPrematurely, "The connection ended without a close.");

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
