// A run of the state machine as its journal tells it: a checkpoint, and an item for each entry.
using System.Globalization;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Tests;

internal sealed class Run
{
    private readonly RecordItemWriter writer = new();
    private readonly EventList events = new();
    private readonly List<(ItemKind Kind, byte[] Bytes)> items = [];
    private JournalPosition last;

    public LockStateMachine Machine { get; } = new();

    public IReadOnlyList<(ItemKind Kind, byte[] Bytes)> Items => items;

    /// <summary>The items from each checkpoint to the next.</summary>
    public IEnumerable<List<(ItemKind Kind, byte[] Bytes)>> Segments
    {
        get
        {
            var bases = Enumerable
                .Range(0, items.Count)
                .Where(i => items[i].Kind == ItemKind.Checkpoint)
                .Append(items.Count)
                .ToList();
            return bases.Zip(bases.Skip(1)).Select(ends => items[ends.First..ends.Second]);
        }
    }

    /// <summary>Runs a schedule, with new segments at some places.</summary>
    public static Run Of(Schedule schedule, params int[] cuts)
    {
        var at = cuts.Select(cut => (cut & 0xFFFF) % (schedule.Batches.Length + 1)).ToHashSet();
        return Of(
            schedule,
            (run, number) =>
            {
                if (at.Contains(number))
                {
                    run.Checkpoint(CheckpointReason.Continues);
                }

                return true;
            }
        );
    }

    /// <summary>Runs a schedule, but the journal has no record of some of it.</summary>
    public static Run Of(Schedule schedule, int gapFrom, int gapLength)
    {
        var run = Of(
            schedule,
            (run, number) =>
            {
                if (number == gapFrom + gapLength)
                {
                    run.Checkpoint(CheckpointReason.Gap, "a test");
                }

                return number < gapFrom || number >= gapFrom + gapLength;
            }
        );
        if (schedule.Batches.Length <= gapFrom + gapLength)
        {
            run.Apply(Replica.Entry(_ => { }), isKept: false);
            run.Checkpoint(CheckpointReason.Gap, "a test");
        }

        return run;
    }

    public void Checkpoint(CheckpointReason reason, string text = "")
    {
        var item = new System.Buffers.ArrayBufferWriter<byte>();
        CheckpointItem.Write(new CheckpointHeader(reason, last, "n1", text), Machine.Freeze(), item);
        items.Add((ItemKind.Checkpoint, item.WrittenSpan.ToArray()));
        last = Position;
    }

    public void Apply(byte[] entry, bool isKept = true)
    {
        Assert.Equal(ApplyOutcome.Applied, Machine.Apply(entry, Machine.AppliedIndex + 1, term: 3, events));
        if (isKept)
        {
            items.Add((ItemKind.Record, writer.Write(Machine, events).ToArray()));
            last = Position;
        }
    }

    public void Apply(Action<EntryWriter> fill, long timeMs = 1_000) => Apply(Replica.Entry(fill, timeMs));

    public void Lock(int session, params string[] path) =>
        Apply(w =>
            w.Add(
                new LockCommand(
                    Replica.Utf8("n"),
                    Replica.SessionOf(session),
                    default,
                    Replica.SetOf([new ModelResource(true, path)]),
                    1_000,
                    Label: Replica.Utf8(session.ToString(CultureInfo.InvariantCulture))
                )
            )
        );

    private JournalPosition Position => new(Machine.LedgerHead.Position, Machine.LedgerHead.Head, Machine.AppliedIndex);

    private static Run Of(Schedule schedule, Func<Run, int, bool> before)
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        var encoder = new ScheduleEncoder();
        for (var i = 0; i < schedule.Batches.Length; i++)
        {
            var isKept = before(run, i);
            run.Apply(encoder.Next(schedule.Batches[i], 1_000 + (10 * i)).Entry, isKept);
        }

        return run;
    }
}
