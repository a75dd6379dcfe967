// A file that is written from its beginning to its end, as a stream.
namespace RaftLocks.Node.Raft.Files;

/// <summary>
/// Writes what a stream is given to an open file, without a buffer. The file is the caller's to flush and to close.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="flushesOnTheWay">Whether a large file goes to disk piece by piece: written in one go at its end it
/// would hold up the log, which waits for the same disk, for as long as it takes.</param>
internal sealed class FileWriteStream(IWritableFile file, bool flushesOnTheWay) : Stream
{
    private const int PieceBytes = 1 << 20;
    private long position;
    private long flushed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => position;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        file.Write(buffer, position);
        position += buffer.Length;
        if (flushesOnTheWay && position - flushed >= PieceBytes)
        {
            file.Flush();
            flushed = position;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
        catch (Exception e)
        {
            return ValueTask.FromException(e);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
