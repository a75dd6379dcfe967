// Finds events in the journal on disk, newest or oldest first, page by page. Each call reads a bounded number of bytes;
// if that was not enough, the cursor goes on from there.
using RaftLocks.Api;
using RaftLocks.Journal;
using RaftLocks.Ledger;

namespace RaftLocks.Node.History;

/// <summary>A query of the history.</summary>
/// <param name="Filter">The filter of the events.</param>
/// <param name="NewestFirst">Whether the newest events come first.</param>
/// <param name="Cursor">The cursor to continue after; null for the beginning.</param>
/// <param name="Limit">Events, at most.</param>
internal sealed record HistoryQuery(HistoryFilter Filter, bool NewestFirst, EventKey? Cursor, int Limit);

/// <summary>The events that a query found.</summary>
/// <param name="Events">The events, in the requested order.</param>
/// <param name="Cursor">The cursor to continue with.</param>
/// <param name="More">Whether there may be more.</param>
/// <param name="Gaps">Stretches within what was read of which nothing is known.</param>
internal sealed record HistoryFound(
    IReadOnlyList<HistoryEvent> Events,
    EventKey Cursor,
    bool More,
    IReadOnlyList<HistoryGap> Gaps
);

/// <summary>Reads the history. Not thread-safe: one query at a time.</summary>
internal sealed class HistoryReader(JournalFolder folder, long bytesPerQuery)
{
    private readonly Dictionary<string, SegmentBlocks> known = [];

    /// <summary>Answers a query.</summary>
    public HistoryFound Read(HistoryQuery query)
    {
        var search = new HistorySearch(query, bytesPerQuery);
        var segments = Segments();
        for (var i = 0; i < segments.Count && !search.HasEnded; i++)
        {
            var segment = segments[query.NewestFirst ? segments.Count - 1 - i : i];
            if (!segment.IsSealed)
            {
                segment.Extend(ref search.Budget);
                segment.IsSealed = segment.IsWhole && segment != segments[^1];
            }

            search.Take(segment);
        }

        return search.Finish();
    }

    private List<SegmentBlocks> Segments()
    {
        var there = folder.Segments.Select(segment => segment.Directory).ToList();
        foreach (var gone in known.Keys.Except(there, StringComparer.Ordinal).ToList())
        {
            known.Remove(gone);
        }

        return there.ConvertAll(directory =>
        {
            if (!known.TryGetValue(directory, out var segment))
            {
                known.Add(directory, segment = new SegmentBlocks(directory));
            }

            return segment;
        });
    }
}
