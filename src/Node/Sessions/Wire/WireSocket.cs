// The server's end of a WebSocket over an upgraded connection. The framework's own can neither tell who is silent, nor
// answer a close with its own code, nor say what was wrong with a frame. One reader, one writer; pings and pongs go
// between the writer's frames. Nothing is buffered while the client says nothing. WireSocket.Reading.cs and
// WireSocket.Writing.cs have the two directions.
using System.Net.WebSockets;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>The server's end of one WebSocket.</summary>
internal sealed partial class WireSocket : WebSocket
{
    private readonly CorkedStream stream;
    private readonly IWireEnds ends;
    private readonly TimeProvider time;
    private volatile bool closeSent;
    private volatile bool closeReceived;
    private volatile bool aborted;
    private WebSocketCloseStatus? closeStatus;
    private string? closeReason;

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

    private static WebSocketException Gone() =>
        new(WebSocketError.ConnectionClosedPrematurely, "The connection ended without a close.");
}
