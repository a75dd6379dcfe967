// A run of the state machine as its journal tells it: a base, and an item for each entry.
using RaftLocks.StateMachine;
using RaftLocks.StateMachine.Tests.Model;

namespace RaftLocks.Ledger.Tests;

internal sealed class Run
{
    private readonly RecordItemWriter writer = new();
    private readonly EventList events = new();
    private readonly List<(ItemKind Kind, byte[] Bytes)> items = [];
    private JournalPosition last;

    public LockStateMachine Machine { get; } = new();

    public IReadOnlyList<(ItemKind Kind, byte[] Bytes)> Items => items;

    public static Run Of(Schedule schedule)
    {
        var run = new Run();
        run.Base(BaseReason.Beginning);
        var encoder = new ScheduleEncoder();
        var time = 1_000;
        foreach (var batch in schedule.Batches)
        {
            run.Apply(encoder.Next(batch, time += 10).Entry);
        }

        return run;
    }

    public void Base(BaseReason reason, string text = "")
    {
        items.Add((ItemKind.Base, BaseItem.Write(new BaseHeader(reason, last, "n1", text), Machine.Freeze()).ToArray()));
        last = Position;
    }

    public void Apply(byte[] entry)
    {
        Assert.Equal(ApplyOutcome.Applied, Machine.Apply(entry, Machine.AppliedIndex + 1, term: 3, events));
        items.Add((ItemKind.Record, writer.Write(Machine, events).ToArray()));
        last = Position;
    }

    public void Apply(Action<EntryWriter> fill, long timeMs = 1_000) => Apply(Replica.Entry(fill, timeMs));

    private JournalPosition Position => new(Machine.LedgerHead.Position, Machine.LedgerHead.Head, Machine.AppliedIndex);
}
