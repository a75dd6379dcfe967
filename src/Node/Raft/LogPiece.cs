// A part of the log, copied so that it can be sent without staying inside the log: some entries, or the snapshot that stands for them.
using System.Buffers;
using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft;

/// <summary>A copy of about so many bytes of what was asked for, at least one entry.</summary>
internal sealed class LogPiece(IStateMachine machine, int maxBytes) : ILogEntryConsumer<IRaftLogEntry, LogPiece>
{
    // So that entries without contents are bounded too.
    private const int EntryOverhead = 32;

    private readonly List<ReceivedEntry> entries = [];
    private byte[]? contents;
    private IRaftLogEntry? snapshot;
    private long snapshotIndex;

    public int Count => entries.Count;

    public bool IsSnapshot => snapshot is not null;

    public bool LogEntryMetadataOnly => false;

    public async ValueTask<LogPiece> ReadAsync<TEntry, TList>(TList found, long? foundSnapshot, CancellationToken token)
        where TEntry : IRaftLogEntry
        where TList : IReadOnlyList<TEntry>
    {
        if (foundSnapshot is not null)
        {
            // The newest may be newer than the one that was found, and is as good. It can't be deleted while the log is being read.
            var newest = machine.Snapshot!;
            (snapshot, snapshotIndex) = (newest is SnapshotFile file ? file.Open() : newest, newest.Index);
            return this;
        }

        var (count, bytes) = Measure<TEntry, TList>(found);
        contents = ArrayPool<byte>.Shared.Rent(bytes);
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = found[i];
            var copy = contents.AsMemory(at, (int)(entry.Length ?? 0));
            (entry.TryGetMemory(out var memory) ? memory : await entry.ToByteArrayAsync(token: token)).CopyTo(copy);
            entries.Add(new ReceivedEntry(copy, entry.Term, entry.CommandId, entry.IsConfiguration));
            at += copy.Length;
        }

        return this;
    }

    /// <summary>Lets the reader have it. A snapshot is closed then.</summary>
    public async ValueTask<TResult> HandToAsync<TResult>(ILogEntryConsumer<IRaftLogEntry, TResult> reader, CancellationToken token)
    {
        if (snapshot is null)
        {
            return await reader.ReadAsync<ReceivedEntry, List<ReceivedEntry>>(entries, null, token);
        }

        using var opened = snapshot as IDisposable;
        return await reader.ReadAsync<IRaftLogEntry, IRaftLogEntry[]>([snapshot], snapshotIndex, token);
    }

    /// <summary>Gives the memory back. Only after the reader has done all that it wanted: what it broke off may still be sending.</summary>
    public void Recycle()
    {
        if (contents is { } used)
        {
            contents = null;
            ArrayPool<byte>.Shared.Return(used);
        }
    }

    private (int Count, int Bytes) Measure<TEntry, TList>(TList found)
        where TEntry : IRaftLogEntry
        where TList : IReadOnlyList<TEntry>
    {
        var (count, bytes) = (0, 0L);
        while (count < found.Count)
        {
            var length = found[count].Length ?? 0;
            if (count > 0 && bytes + length + (EntryOverhead * (count + 1L)) > maxBytes)
            {
                break;
            }

            bytes += length;
            count++;
        }

        return (count, checked((int)bytes));
    }
}
