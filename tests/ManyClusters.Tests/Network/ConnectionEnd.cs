// One end of a connection between two nodes, as Raft's transport sees it: a stream.
namespace RaftLocks.ManyClusters.Network;

/// <summary>An end.</summary>
/// <param name="incoming">What the other end sends.</param>
/// <param name="outgoing">What goes to the other end.</param>
internal sealed class ConnectionEnd(Wire incoming, Wire outgoing) : Stream
{
    private volatile bool disposed;

    /// <summary>Whether this end was given up.</summary>
    public bool IsDisposed => disposed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Both ends, over the links between two nodes.</summary>
    public static (ConnectionEnd Connecting, ConnectionEnd Accepting) Pair(Link there, Link back)
    {
        var (going, coming) = (new Wire(there), new Wire(back));
        return (new ConnectionEnd(coming, going), new ConnectionEnd(going, coming));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        incoming.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        outgoing.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Tells both ends at once, whatever the links are like.</summary>
    public void Break()
    {
        incoming.Break();
        outgoing.Break();
    }

    /// <summary>This end is gone at once, and the other hears nothing of it.</summary>
    public void Vanish()
    {
        disposed = true;
        incoming.LeaveUnread(silently: true);
        outgoing.LeaveSilently();
    }

    /// <summary>Ends this end. The other learns of it as soon as the link lets it.</summary>
    protected override void Dispose(bool disposing)
    {
        disposed = true;
        incoming.LeaveUnread();
        outgoing.Finish();
        base.Dispose(disposing);
    }
}
