// One query on its way through the segments: which blocks must be read, what was found in them, where to go on.
using RaftLocks.Api;
using RaftLocks.Journal;
using RaftLocks.Ledger;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.History;

internal sealed class HistorySearch(HistoryQuery query, long budget)
{
    private readonly List<HistoryEvent> events = [];
    private readonly List<HistoryGap> gaps = [];
    private EventKey bound = query.Cursor ?? (query.NewestFirst ? EventKey.Last : EventKey.First);
    private long bytes;
    private bool more;

    /// <summary>Bytes that may still be read.</summary>
    public long Budget = budget;

    /// <summary>Whether there is an answer.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Looks through a segment.</summary>
    public void Take(SegmentBlocks segment)
    {
        if (query.NewestFirst)
        {
            Backwards(segment);
        }
        else
        {
            Forwards(segment);
        }
    }

    /// <summary>The answer.</summary>
    public HistoryFound Finish() => new(events, bound, more, gaps);

    private void Backwards(SegmentBlocks segment)
    {
        if (!segment.IsWhole)
        {
            // Its newest blocks are not known yet.
            End(isMore: true);
            return;
        }

        var isNew = bound.Index > segment.StartIndex;
        for (var i = segment.Blocks.Count - 1; i >= 0 && !HasEnded; i--)
        {
            var block = segment.Blocks[i];
            if (block.LastMs < query.Filter.FromMs)
            {
                End(isMore: false);
            }
            else if (new EventKey(block.FirstIndex, 0) < bound)
            {
                Look(segment, block);
            }
        }

        if (isNew && !HasEnded)
        {
            Note(segment);
        }
    }

    private void Forwards(SegmentBlocks segment)
    {
        if (bound.Index <= segment.StartIndex)
        {
            Note(segment);
        }

        for (var i = 0; i < segment.Blocks.Count && !HasEnded; i++)
        {
            var block = segment.Blocks[i];
            if (block.FirstMs > query.Filter.ToMs)
            {
                End(isMore: false);
            }
            else if (new EventKey(block.LastIndex, int.MaxValue) > bound)
            {
                Look(segment, block);
            }
        }

        if (!segment.IsWhole && !HasEnded)
        {
            End(isMore: true);
        }
    }

    // Reads a block if it may hold something.
    private void Look(SegmentBlocks segment, Block block)
    {
        if (block.MayHold(query.Filter))
        {
            if (Budget <= 0)
            {
                End(isMore: true);
                return;
            }

            Budget -= block.End - block.Address;
            if (!Read(segment, block) || events.Count >= query.Limit)
            {
                End(isMore: true);
                return;
            }
        }

        bound = query.NewestFirst ? new EventKey(block.FirstIndex, 0) : new EventKey(block.LastIndex, int.MaxValue);
    }

    // False when the page is full; the bound is then the last event on it.
    private bool Read(SegmentBlocks segment, Block block)
    {
        var page = new Queue<(EventKey Key, HistoryEvent Event, long Bytes)>();
        var isFull = false;
        try
        {
            using var reader = SegmentReader.Open(segment.Directory, block.Address, wholeCheckpoints: false);
            while (!(isFull && !query.NewestFirst) && reader.TryNext() && reader.Address < block.End)
            {
                if (
                    reader.Kind == ItemKind.Record
                    && RecordItem.TryParse(reader.Item, out var item)
                    && RecordEvents.Open(item, out var record) is null
                )
                {
                    isFull |= Read(record, page);
                }
            }
        }
        catch (JournalDamagedException e)
        {
            // Deleted meanwhile because it was old, or damaged since it was looked at first.
            gaps.Add(new HistoryGap(block.FirstIndex - 1, block.LastIndex, e.Message));
        }

        var found = query.NewestFirst ? page.Reverse() : page;
        foreach (var (key, happened, _) in found)
        {
            events.Add(happened);
            bound = key;
        }

        return !isFull;
    }

    // Adds what is wanted to the page; true when there is more than fits.
    private bool Read(RecordEvents record, Queue<(EventKey Key, HistoryEvent Event, long Bytes)> page)
    {
        var isFull = false;
        for (var ordinal = 0; record.TryNext(out var told); ordinal++)
        {
            var key = new EventKey(record.Index, ordinal);
            if (!(query.NewestFirst ? key < bound : key > bound) || !query.Filter.Matches(told, record.ClockMs))
            {
                continue;
            }

            if (!query.NewestFirst && (isFull || IsBeyond(page.Count + 1, bytes)))
            {
                return true;
            }

            var size = Limits.HistoryEventBytes + (2L * told.Body.Length);
            page.Enqueue((key, EventDecoder.Decode(told, key, record.ClockMs), size));
            bytes += size;
            while (query.NewestFirst && IsBeyond(page.Count, bytes))
            {
                // The oldest of the block come on a later page.
                bytes -= page.Dequeue().Bytes;
                isFull = true;
            }
        }

        return isFull;
    }

    private bool IsBeyond(int inPage, long size) =>
        events.Count + inPage > query.Limit || (size > Limits.HistoryAnswerBytes && events.Count + inPage > 1);

    private void Note(SegmentBlocks segment)
    {
        if (segment.Gap is { } gap)
        {
            gaps.Add(gap);
        }

        if (segment.Damage is { } damage)
        {
            var last = segment.Blocks.Count > 0 ? segment.Blocks[^1].LastIndex : segment.StartIndex;
            gaps.Add(new HistoryGap(last, last, damage));
        }
    }

    private void End(bool isMore)
    {
        HasEnded = true;
        more = isMore;
    }
}
