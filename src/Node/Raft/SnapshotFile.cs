// A snapshot on disk as the log sees it: an entry whose contents are a file.
using System.Buffers;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed class SnapshotFile(string path, long index, long term) : ISnapshot
{
    private const int ChunkBytes = 1 << 18;

    public long Index { get; } = index;

    public long Term { get; } = term;

    public bool IsReusable => true;

    public long? Length => new FileInfo(path).Length;

    public async ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, useAsync: true);
            int read;
            while ((read = await stream.ReadAsync(buffer, token)) > 0)
            {
                await writer.WriteAsync(buffer.AsMemory(0, read), null, token);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>Lets the state machine, which knows no streams, write into one.</summary>
internal sealed class StreamBufferWriter(Stream stream) : IBufferWriter<byte>
{
    private byte[] buffer = new byte[1 << 18];

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
