// Gathers the frames of messages that follow each other at once, so that many locks cost one write to the network.
namespace RaftLocks.Client.Wire;

/// <summary>A connection's stream. What is written while <see cref="Hold"/> is set goes out with the next write that is not held.</summary>
internal sealed class GatheringStream(Stream inner) : Stream
{
    private const int MaxHeldBytes = 16 * 1024;

    private byte[] held = [];
    private int heldBytes;

    /// <summary>Whether another message follows at once. Only whoever sends messages changes it.</summary>
    public bool Hold { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (heldBytes + buffer.Length > MaxHeldBytes)
        {
            await WriteHeldAsync(cancellationToken).ConfigureAwait(false);
        }

        if ((heldBytes == 0 && !Hold) || buffer.Length > MaxHeldBytes)
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (held.Length == 0)
        {
            held = new byte[MaxHeldBytes];
        }

        buffer.CopyTo(held.AsMemory(heldBytes));
        heldBytes += buffer.Length;
        if (!Hold)
        {
            await WriteHeldAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Nothing to do: what is written is sent, unless it is held.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous reads.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask WriteHeldAsync(CancellationToken token)
    {
        var bytes = heldBytes;
        heldBytes = 0;
        if (bytes > 0)
        {
            await inner.WriteAsync(held.AsMemory(0, bytes), token).ConfigureAwait(false);
        }
    }
}
