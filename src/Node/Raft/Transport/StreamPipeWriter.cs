// The writing half of a connection as the library wants to see it, a pipe. What the library hands over whole is not
// copied into one.
using System.IO.Pipelines;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>Writes a connection. What is handed over whole goes to it without a copy.</summary>
/// <param name="connection">The connection.</param>
internal sealed class StreamPipeWriter(RaftConnection connection) : PipeWriter
{
    // The library takes the size of its own buffers from the first span that it is given.
    private byte[] buffer = new byte[TransportLimits.BlockBytes];
    private int filled;

    /// <inheritdoc/>
    public override async ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source,
        CancellationToken cancellationToken = default
    )
    {
        await FlushAsync(cancellationToken);
        await connection.WriteAsync(source, cancellationToken);
        return default;
    }

    /// <inheritdoc/>
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (filled > 0)
        {
            var count = filled;
            filled = 0;
            await connection.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        return default;
    }

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (buffer.Length - filled < Math.Max(sizeHint, 1))
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, filled + sizeHint));
        }

        return buffer.AsMemory(filled);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes) => filled += bytes;

    /// <inheritdoc/>
    public override void CancelPendingFlush() => connection.Abort();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => connection.Abort();
}
