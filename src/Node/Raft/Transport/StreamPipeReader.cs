// The library reads through a PipeReader, and asks for nothing that a buffer over a stream can't give: one more read
// where a read is needed, without a thread or a queue in between.
using System.Buffers;
using System.IO.Pipelines;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>Reads a connection into one buffer.</summary>
/// <param name="connection">The connection.</param>
internal sealed class StreamPipeReader(RaftConnection connection) : PipeReader
{
    private byte[] buffer = new byte[TransportLimits.BlockBytes];
    private int start;
    private int end;
    private bool seen;
    private bool ended;

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if ((start == end || seen) && !ended)
        {
            MakeRoom();
            var read = await connection.ReadAsync(buffer.AsMemory(end), cancellationToken);
            end += read;
            ended = read == 0;
            seen = false;
        }

        return Result();
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        result = Result();
        return ended || (start < end && !seen);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        start = consumed.GetInteger();
        seen = examined.GetInteger() == end;
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => connection.Abort();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => connection.Abort();

    private ReadResult Result() =>
        new(new ReadOnlySequence<byte>(buffer, start, end - start), isCanceled: false, isCompleted: ended);

    private void MakeRoom()
    {
        if (start == end)
        {
            (start, end) = (0, 0);
        }
        else if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }
        else if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }
    }
}
