// One connection between two members, as the library wants to see it. To abort it, once or often, before or after it is
// disposed, is always safe: it closes the stream, and whatever reads or writes it fails.
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>A connection to or from another member.</summary>
/// <param name="remote">The other end.</param>
internal abstract class RaftConnection(EndPoint? remote) : ConnectionContext, IDuplexPipe, IDisposable
{
    private static long count;

    private readonly CancellationTokenSource closed = new();
    private StreamPipeReader? reader;
    private StreamPipeWriter? writer;
    private int aborted;

    /// <inheritdoc/>
    public PipeReader Input => reader ??= new StreamPipeReader(this);

    /// <inheritdoc/>
    public PipeWriter Output => writer ??= new StreamPipeWriter(this);

    /// <inheritdoc/>
    public sealed override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public sealed override EndPoint? RemoteEndPoint
    {
        get => remote;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override string ConnectionId { get; set; } = $"raft-{Interlocked.Increment(ref count)}";

    /// <inheritdoc/>
    public override IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed
    {
        get => closed.Token;
        set => throw new NotSupportedException();
    }

    /// <summary>Whether it was aborted or disposed.</summary>
    protected bool IsAborted => Volatile.Read(ref aborted) != 0;

    /// <summary>Reads what has come.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token);

    /// <summary>Writes all of it.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken token);

    /// <inheritdoc/>
    public sealed override void Abort() => Abort(new ConnectionAbortedException());

    /// <inheritdoc/>
    public sealed override void Abort(ConnectionAbortedException abortReason)
    {
        if (Interlocked.Exchange(ref aborted, 1) == 0)
        {
            CloseStream();
            closed.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Abort();
        Release();
    }

    /// <inheritdoc/>
    public sealed override ValueTask DisposeAsync()
    {
        Dispose();
        return base.DisposeAsync();
    }

    /// <summary>Closes the stream, if there is one. Called once.</summary>
    protected abstract void CloseStream();

    /// <summary>Gives back what reading has taken. Called when nobody reads any more, perhaps more than once.</summary>
    protected virtual void Release() { }
}
