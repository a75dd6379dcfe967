// A snapshot on disk as the log sees it: an entry whose contents are a file.
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed class SnapshotFile(string path, long index, long term) : ISnapshot
{
    public string Path { get; } = path;

    public long Index { get; } = index;

    public long Term { get; } = term;

    public bool IsReusable => true;

    public long? Length => new FileInfo(Path).Length;

    /// <summary>The same snapshot, readable even after the file was deleted.</summary>
    public OpenSnapshot Open() => new(SnapshotFormat.OpenRead(Path), Index, Term);

    public async ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter
    {
        using var open = Open();
        await open.WriteToAsync(writer, token);
    }
}

/// <summary>A snapshot that is being read.</summary>
internal sealed class OpenSnapshot(FileStream stream, long index, long term) : IRaftLogEntry, IDisposable
{
    public long Index { get; } = index;

    public long Term { get; } = term;

    public bool IsSnapshot => true;

    public bool IsReusable => true;

    public long? Length { get; } = stream.Length;

    public FileStream Stream => stream;

    public async ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter
    {
        stream.Position = 0;
        var part = new byte[SnapshotFormat.PartBytes];
        int read;
        while ((read = await stream.ReadAsync(part, token)) > 0)
        {
            await writer.WriteAsync(part.AsMemory(0, read), null, token);
        }
    }

    public void Dispose() => stream.Dispose();
}
