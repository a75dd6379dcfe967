// The entries of one exchange, read whole from the wire before the log is touched.
using System.Runtime.InteropServices;
using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;

namespace RaftLocks.Node.Raft;

/// <summary>One entry, in memory.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct ReceivedEntry(ReadOnlyMemory<byte> content, long term, int? commandId, bool isConfiguration) : IRaftLogEntry
{
    public long Term { get; } = term;

    public int? CommandId { get; } = commandId;

    public bool IsConfiguration { get; } = isConfiguration;

    public bool IsReusable => true;

    public long? Length => content.Length;

    public static async ValueTask<List<ReceivedEntry>> ReadAllAsync<TEntry>(ILogEntryProducer<TEntry> entries, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        var received = new List<ReceivedEntry>((int)Math.Min(entries.RemainingCount, 1 << 16));
        while (await entries.MoveNextAsync())
        {
            var entry = entries.Current;
            if (entry.IsSnapshot)
            {
                throw new InvalidOperationException("A snapshot can't be part of an exchange of entries.");
            }

            var content = await entry.ToByteArrayAsync(token: token);
            received.Add(new ReceivedEntry(content, entry.Term, entry.CommandId, entry.IsConfiguration));
        }

        return received;
    }

    public bool TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = content;
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter => writer.WriteAsync(content, null, token);
}

/// <summary>Entries from a position on.</summary>
internal sealed class ReceivedEntries(List<ReceivedEntry> entries, int from) : ILogEntryProducer<ReceivedEntry>
{
    private int position = from - 1;

    public long RemainingCount => entries.Count - position - 1;

    public ReceivedEntry Current => entries[position];

    public ValueTask<bool> MoveNextAsync() => ValueTask.FromResult(++position < entries.Count);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
