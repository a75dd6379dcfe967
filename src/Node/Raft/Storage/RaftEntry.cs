// An entry of the log, in memory.
using System.Runtime.InteropServices;
using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;

namespace RaftLocks.Node.Raft.Storage;

/// <summary>One entry.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct RaftEntry(ReadOnlyMemory<byte> content, long term, int? commandId, bool isConfiguration)
    : IRaftLogEntry
{
    public ReadOnlyMemory<byte> Content { get; } = content;

    public long Term { get; } = term;

    public int? CommandId { get; } = commandId;

    public bool IsConfiguration { get; } = isConfiguration;

    public bool IsReusable => true;

    public long? Length => Content.Length;

    /// <summary>Copies what the library hands over.</summary>
    public static async ValueTask<RaftEntry> FromAsync<TEntry>(TEntry entry, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        if (entry.IsSnapshot)
        {
            throw new InvalidOperationException("A snapshot is no entry of the log.");
        }

        var content = entry.TryGetMemory(out var memory) ? memory : await entry.ToByteArrayAsync(token: token);
        return new RaftEntry(content, entry.Term, entry.CommandId, entry.IsConfiguration);
    }

    /// <summary>Reads the entries of one exchange whole from the wire.</summary>
    public static async ValueTask<List<RaftEntry>> ReadAllAsync<TEntry>(
        ILogEntryProducer<TEntry> entries,
        CancellationToken token
    )
        where TEntry : IRaftLogEntry
    {
        var received = new List<RaftEntry>((int)Math.Min(entries.RemainingCount, 1 << 16));
        while (await entries.MoveNextAsync())
        {
            var entry = entries.Current;
            var content = await entry.ToByteArrayAsync(token: token);
            received.Add(
                entry.IsSnapshot
                    ? throw new InvalidOperationException("A snapshot can't be part of an exchange of entries.")
                    : new RaftEntry(content, entry.Term, entry.CommandId, entry.IsConfiguration)
            );
        }

        return received;
    }

    public bool TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = Content;
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter => writer.WriteAsync(Content, null, token);
}
