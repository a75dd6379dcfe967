// The server's end of a connection without a network: what the client sends is put in, what the server sends is handed
// on.
using System.Net.WebSockets;

namespace RaftLocks.Simulation.World;

/// <summary>A WebSocket in memory. Lives on its node's thread.</summary>
internal sealed class MemorySocket(Func<ReadOnlyMemory<byte>, ValueTask> sent, Action<int> closed) : WebSocket
{
    private readonly Queue<byte[]?> arrived = new();
    private int taken;
    private bool broken;
    private TaskCompletionSource? arrival;
    private WebSocketState state = WebSocketState.Open;

    /// <inheritdoc/>
    public override WebSocketCloseStatus? CloseStatus => null;

    /// <inheritdoc/>
    public override string? CloseStatusDescription => null;

    /// <inheritdoc/>
    public override WebSocketState State => state;

    /// <inheritdoc/>
    public override string? SubProtocol => null;

    /// <summary>A message arrives; null is the client's close frame.</summary>
    public void Arrive(byte[]? message)
    {
        arrived.Enqueue(message);
        Wake();
    }

    /// <summary>The connection is found to be gone.</summary>
    public void Break()
    {
        broken = true;
        Wake();
    }

    /// <inheritdoc/>
    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        while (arrived.Count == 0)
        {
            ThrowIfBroken();
            arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await arrival.Task;
        }

        ThrowIfBroken();
        if (arrived.Peek() is not { } message)
        {
            arrived.Dequeue();
            state = state == WebSocketState.CloseSent ? WebSocketState.Closed : WebSocketState.CloseReceived;
            return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true);
        }

        var count = Math.Min(buffer.Length, message.Length - taken);
        message.AsMemory(taken, count).CopyTo(buffer);
        taken += count;
        var whole = taken == message.Length;
        if (whole)
        {
            arrived.Dequeue();
            taken = 0;
        }

        return new ValueWebSocketReceiveResult(count, WebSocketMessageType.Text, whole);
    }

    /// <inheritdoc/>
    public override ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer,
        WebSocketMessageType messageType,
        bool endOfMessage,
        CancellationToken cancellationToken
    )
    {
        ThrowIfBroken();
        return sent(buffer);
    }

    /// <inheritdoc/>
    public override Task CloseOutputAsync(
        WebSocketCloseStatus closeStatus,
        string? statusDescription,
        CancellationToken cancellationToken
    )
    {
        ThrowIfBroken();
        state = state == WebSocketState.CloseReceived ? WebSocketState.Closed : WebSocketState.CloseSent;
        closed((int)closeStatus);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        if (!broken)
        {
            closed(0);
            Break();
        }

        state = WebSocketState.Aborted;
    }

    /// <inheritdoc/>
    public override void Dispose() { }

    /// <inheritdoc/>
    public override Task CloseAsync(
        WebSocketCloseStatus closeStatus,
        string? statusDescription,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Task<WebSocketReceiveResult> ReceiveAsync(
        ArraySegment<byte> buffer,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Task SendAsync(
        ArraySegment<byte> buffer,
        WebSocketMessageType messageType,
        bool endOfMessage,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    private void ThrowIfBroken()
    {
        if (broken)
        {
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
        }
    }

    private void Wake()
    {
        var waiting = arrival;
        arrival = null;
        waiting?.TrySetResult();
    }
}
