// Gathers small frames of one connection, so that many replies cost one write to the network.
namespace RaftLocks.Node.Sessions.Wire;

/// <summary>
/// The upgraded stream of a connection; what is written while <see cref="IsCorked"/> is set goes out with the next
/// write that is not held. To dispose it leaves the connection open: the server closes it when its request ends.
/// </summary>
internal sealed class CorkedStream(Stream inner) : Stream
{
    private const int MaxHeldBytes = 4096;

    private byte[] held = [];
    private int heldBytes;

    /// <summary>
    /// Whether another frame follows at once. Only the writer of replies changes it. Nothing else here is its
    /// business: the socket writes pongs too, on the reader's behalf, and keeps the two apart.
    /// </summary>
    public bool IsCorked { get; set; }

    /// <summary>Whether something was held and not sent yet.</summary>
    public bool HoldsBytes => heldBytes > 0;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (heldBytes == 0 && !IsCorked)
        {
            return inner.WriteAsync(buffer, cancellationToken);
        }

        if (heldBytes + buffer.Length > MaxHeldBytes)
        {
            return WriteHeldAndAsync(buffer, cancellationToken);
        }

        if (held.Length == 0)
        {
            held = new byte[MaxHeldBytes];
        }

        buffer.CopyTo(held.AsMemory(heldBytes));
        heldBytes += buffer.Length;
        return IsCorked ? ValueTask.CompletedTask : WriteHeldAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Nothing to do: a write that is not held is flushed by the server.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Only asynchronous reads.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Only asynchronous writes.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask WriteHeldAsync(CancellationToken token)
    {
        var bytes = heldBytes;
        heldBytes = 0;
        await inner.WriteAsync(held.AsMemory(0, bytes), token);
    }

    private async ValueTask WriteHeldAndAsync(ReadOnlyMemory<byte> buffer, CancellationToken token)
    {
        if (heldBytes > 0)
        {
            await WriteHeldAsync(token);
        }

        await inner.WriteAsync(buffer, token);
    }
}
