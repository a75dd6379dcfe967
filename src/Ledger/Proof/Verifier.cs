// Proves a journal from its items alone: that each record is a link of one hash chain, that each checkpoint is where
// the events have led, and that mutual exclusion and first-come-first-served held in every single event. Near-linear in
// the number of events. Shares no code with the lock queues of the product: it has a tree of its own (PathNode) and
// asks another question of it.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Proof;

/// <summary>Proves a journal, item by item.</summary>
public sealed class Verifier
{
    private readonly StateVerifier state = new();
    private readonly List<Gap> gaps = [];
    private readonly HeadList heads = new();
    private JournalPosition? at;
    private JournalPosition first;
    private Violation? violation;
    private string where = "";
    private int segments;
    private long records;

    /// <summary>Whether something wrong was found; nothing more is looked at then.</summary>
    public bool HasEnded => violation is not null;

    /// <summary>Events so far.</summary>
    public long Events => state.Events;

    /// <summary>Expects a head at an index of the journal. Call it before the first item.</summary>
    public void Expect(long index, LedgerHash head, string origin) => heads.Add(index, head, origin);

    /// <summary>Checks the next item.</summary>
    /// <param name="place">The segment or file that it is in, for messages.</param>
    /// <param name="kind">The kind of item.</param>
    /// <param name="item">The item.</param>
    public void Add(string place, ItemKind kind, ReadOnlySpan<byte> item)
    {
        if (HasEnded)
        {
            return;
        }

        where = place;
        if (kind == ItemKind.Checkpoint)
        {
            AddCheckpoint(item);
        }
        else
        {
            AddRecord(item);
        }
    }

    /// <summary>Notes that a part of the journal could not be read.</summary>
    public void AddUnreadable(string place, string why)
    {
        where = place;
        Violate(at, why);
    }

    /// <summary>Ends the verification and returns its result.</summary>
    public Verdict Finish()
    {
        var compared = heads.Finish(at);
        if (violation is null && compared.FirstOrDefault(head => head.Answer == HeadAnswer.Different) is { } other)
        {
            Violate(
                at,
                $"the head at index {other.Index} is not the one that {other.Origin} has ({other.Head}): the "
                    + "histories differ"
            );
        }

        var endIsMissing = false;
        if (violation is null && compared.FirstOrDefault(head => head.Answer == HeadAnswer.CutOff) is { } later)
        {
            endIsMissing = true;
            Violate(
                at,
                $"the journal ends at index {at?.Index ?? 0}, but {later.Origin} has a head at index "
                    + $"{later.Index}: its end is missing"
            );
        }

        var outcome =
            violation is not null ? Outcome.Violated
            : segments == 0 ? Outcome.Empty
            : gaps.Count > 0 ? Outcome.ProvenWithGaps
            : Outcome.Proven;
        return new Verdict(
            outcome,
            segments,
            records,
            state.Events,
            state.Grants,
            state.Live,
            first,
            at ?? default,
            gaps,
            violation,
            endIsMissing,
            compared
        );
    }

    private void AddCheckpoint(ReadOnlySpan<byte> item)
    {
        if (!CheckpointItem.TryParse(item, out var header, out var bytes))
        {
            Violate(at, "the base is damaged");
            return;
        }

        if (SnapshotReader.Open(bytes, out var snapshot) is { } damaged)
        {
            Violate(at, damaged);
            return;
        }

        segments++;
        var start = new JournalPosition(snapshot.Ledger.Position, snapshot.Ledger.Head, snapshot.Index);
        if (at is { } before && before.Position == start.Position)
        {
            Violate(
                start,
                before.Head == start.Head
                    ? state.Compare(snapshot)
                    : "the segment begins with another head than the one before it ended with"
            );
        }
        else if (at is { } earlier)
        {
            Violate(start, Skip(earlier, start, header) ?? state.Load(snapshot));
        }
        else
        {
            first = start;
            Violate(start, Begin(start, header) ?? state.Load(snapshot));
        }

        at = start;
    }

    private string? Begin(in JournalPosition start, in CheckpointHeader header)
    {
        if (header.Reason == CheckpointReason.Beginning)
        {
            return start == default ? null : "the base says that the ledger begins here, but it has a past";
        }

        if (header.Reason == CheckpointReason.Gap)
        {
            gaps.Add(new Gap(header.Before.Position, header.Before.Index, start.Position, start.Index, header.Text));
        }

        return null;
    }

    private string? Skip(in JournalPosition before, in JournalPosition start, in CheckpointHeader header)
    {
        if (start.Position < before.Position)
        {
            return $"the segment begins after record {start.Position}, but the one before it went to record "
                + $"{before.Position}: they overlap or are in the wrong order";
        }

        if (header.Reason != CheckpointReason.Gap || header.Before.Position > before.Position)
        {
            return $"the records {before.Position + 1} to {Math.Max(header.Before.Position, before.Position + 1)} "
                + "are missing, and the journal knows of no gap there";
        }

        gaps.Add(new Gap(before.Position, before.Index, start.Position, start.Index, header.Text));
        heads.Pass(before, start, isGap: true);
        return null;
    }

    private void AddRecord(ReadOnlySpan<byte> item)
    {
        var broken = ChainCheck.Next(at, ItemKind.Record, item, out var next);
        if (broken is not null || !RecordItem.TryParse(item, out var record))
        {
            Violate(at, broken);
            return;
        }

        heads.Pass(at!.Value, next, isGap: false);
        at = next;
        records++;
        Violate(next, state.Apply(record));
    }

    private void Violate(JournalPosition? position, string? what) =>
        violation ??= what is null ? null : new Violation(where, position?.Position ?? 0, position?.Index ?? 0, what);
}
