// Lets the state machine, which knows no streams, write into one.
using System.Buffers;

namespace RaftLocks.Node.Raft.Storage;

internal sealed class StreamBufferWriter(Stream stream) : IBufferWriter<byte>
{
    private byte[] buffer = new byte[SnapshotFormat.PartBytes];

    public void Advance(int count) => stream.Write(buffer, 0, count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (buffer.Length < sizeHint)
        {
            buffer = new byte[sizeHint];
        }

        return buffer;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
