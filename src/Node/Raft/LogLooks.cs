// Looks at the log's entries without their contents: terms that match, terms that decrease.
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft;

internal static class LogLooks
{
    private const int StretchLength = 4096;

    /// <summary>Where along the log a term is smaller than the one before, if anywhere.</summary>
    public static async ValueTask<(long Index, long Before, long After)?> CheckTermsAsync(this WriteAheadLog log, CancellationToken token)
    {
        long before = 0;
        for (var start = 1L; start <= log.LastEntryIndex; start += StretchLength)
        {
            var end = Math.Min(log.LastEntryIndex, start + StretchLength - 1);
            var stretch = await log.ReadAsync(new Look(), start, end, token);
            for (var i = 0; i < stretch.Terms.Count; i++)
            {
                if (stretch.Terms[i] < before)
                {
                    return (start + i, before, stretch.Terms[i]);
                }

                before = stretch.Terms[i];
            }
        }

        return null;
    }

    /// <summary>How many of the received entries are in the log already, from the first on.</summary>
    public static async ValueTask<int> CountMatchingAsync(this WriteAheadLog log, List<ReceivedEntry> received, long startIndex)
    {
        // What a snapshot covers is committed, and so the same.
        var last = Math.Min(log.LastEntryIndex, startIndex + received.Count - 1);
        var matching = 0;
        while (startIndex + matching <= last)
        {
            var there = await log.ReadAsync(new Look(), startIndex + matching, last, CancellationToken.None);
            if (there.SnapshotIndex is { } snapshot)
            {
                matching = (int)Math.Min(snapshot - startIndex + 1, received.Count);
                continue;
            }

            foreach (var term in there.Terms)
            {
                if (term != received[matching].Term)
                {
                    return matching;
                }

                matching++;
            }
        }

        return matching;
    }

    /// <summary>Whether the log has an entry of this term at this index.</summary>
    public static async ValueTask<bool> HasAsync(this WriteAheadLog log, long index, long term)
    {
        if (index > log.LastEntryIndex)
        {
            return false;
        }

        var there = await log.ReadAsync(new Look(), index, index, CancellationToken.None);
        return there.SnapshotIndex is null && there.Terms is [var found] && found == term;
    }

    private sealed class Look : ILogEntryConsumer<IRaftLogEntry, Look>
    {
        public List<long> Terms { get; } = [];

        public long? SnapshotIndex { get; private set; }

        public bool LogEntryMetadataOnly => true;

        public ValueTask<Look> ReadAsync<TEntry, TList>(TList entries, long? snapshotIndex, CancellationToken token)
            where TEntry : IRaftLogEntry
            where TList : IReadOnlyList<TEntry>
        {
            SnapshotIndex = snapshotIndex;
            for (var i = 0; i < entries.Count; i++)
            {
                Terms.Add(entries[i].Term);
            }

            return ValueTask.FromResult(this);
        }
    }
}
