// A snapshot on disk as the log sees it: an entry whose contents are a file.
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Storage;

internal sealed class SnapshotFile(IFileSystem files, string path, long index, long term) : ISnapshot
{
    public string Path { get; } = path;

    public long Index { get; } = index;

    public long Term { get; } = term;

    public bool IsReusable => true;

    public long? Length => files.LengthOf(Path);

    /// <summary>The same snapshot, readable even after the file was deleted.</summary>
    public OpenSnapshot Open() => new(files.OpenRead(Path), Index, Term);

    public async ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter
    {
        using var open = Open();
        await open.WriteToAsync(writer, token);
    }
}

/// <summary>A snapshot that is being read.</summary>
internal sealed class OpenSnapshot(Stream stream, long index, long term) : IRaftLogEntry, IDisposable
{
    public long Index { get; } = index;

    public long Term { get; } = term;

    public bool IsSnapshot => true;

    public bool IsReusable => true;

    public long? Length { get; } = stream.Length;

    public Stream Stream => stream;

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
