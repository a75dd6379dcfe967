// The index of a segment: blocks of about a mebibyte, each with the indexes and times it covers and a filter of what it
// may hold. Made by reading the segment once, bit by bit as queries get there, and kept in memory (less than a kilobyte
// for each mebibyte of journal).
using RaftLocks.Api;
using RaftLocks.Journal;
using RaftLocks.Ledger;

namespace RaftLocks.Node.History;

internal sealed class Block(long address, long firstIndex, long firstMs)
{
    public long Address { get; } = address;

    public long FirstIndex { get; } = firstIndex;

    public long FirstMs { get; } = firstMs;

    public long End { get; set; }

    public long LastIndex { get; set; }

    public long LastMs { get; set; }

    public KeyFilter Keys { get; } = new();

    public bool MayHold(HistoryFilter filter) =>
        FirstMs <= filter.ToMs
        && LastMs >= filter.FromMs
        && (filter.Namespace is null || Keys.MayHold(filter.Namespace))
        && (filter.Session is not { } session || Keys.MayHold(session));
}

internal sealed class SegmentBlocks(string directory)
{
    private const long BlockBytes = 1 << 20;

    private readonly List<Block> blocks = [];
    private long readTo;

    public string Directory { get; } = directory;

    public IReadOnlyList<Block> Blocks => blocks;

    /// <summary>The gap before this segment, if there is one.</summary>
    public HistoryGap? Gap { get; private set; }

    /// <summary>Raft index at its beginning.</summary>
    public long StartIndex { get; private set; }

    /// <summary>The fault of the segment, if it has one: it is read up to there.</summary>
    public string? Damage { get; private set; }

    /// <summary>Whether all that was committed at the last look has been taken in.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Whether nothing more will be written to it, and all of it has been taken in.</summary>
    public bool IsSealed { get; set; }

    /// <summary>Reads what is not known yet, as long as there is budget.</summary>
    public void Extend(ref long budget)
    {
        if (Damage is not null)
        {
            return;
        }

        IsWhole = false;
        try
        {
            using var reader = SegmentReader.Open(Directory, readTo, wholeCheckpoints: false);
            while (budget > 0 && reader.TryNext())
            {
                budget -= reader.Next - readTo;
                readTo = reader.Next;
                Take(reader);
            }

            IsWhole = reader.Left == 0;
        }
        catch (JournalDamagedException e)
        {
            Damage = e.Message;
            IsWhole = true;
        }
    }

    private void Take(SegmentReader reader)
    {
        if (reader.Kind == ItemKind.Checkpoint)
        {
            if (
                CheckpointItem.TryParse(reader.Item, out var header, out var snapshot)
                && SnapshotReader.OpenHead(snapshot, out var state) is null
            )
            {
                StartIndex = state.Index;
                Gap =
                    header.Reason == CheckpointReason.Gap
                        ? new HistoryGap(header.Before.Index, state.Index, header.Text)
                        : null;
            }

            return;
        }

        if (!RecordItem.TryParse(reader.Item, out var item) || RecordEvents.Open(item, out var events) is not null)
        {
            throw new JournalDamagedException($"{Directory} is damaged at {reader.Address}");
        }

        if (blocks.Count == 0 || blocks[^1].End - blocks[^1].Address >= BlockBytes)
        {
            blocks.Add(new Block(reader.Address, events.Index, events.ClockMs));
        }

        var block = blocks[^1];
        (block.End, block.LastIndex, block.LastMs) = (reader.Next, events.Index, events.ClockMs);
        while (events.TryNext(out var told))
        {
            block.Keys.Add(told.Namespace);
            if (told.HasDetails)
            {
                block.Keys.Add(told.Session.Value);
            }
        }
    }
}
