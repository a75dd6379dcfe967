// Heads that somebody else has at some indexes, to be compared as the chain passes them. The head at an index is that
// after the last record up to it: not every log entry leaves a record.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Proof;

internal sealed class HeadList
{
    private readonly PriorityQueue<HeadComparison, long> open = new();
    private readonly List<HeadComparison> compared = [];

    public void Add(long index, LedgerHash head, string origin) =>
        open.Enqueue(new HeadComparison(index, head, origin, HeadAnswer.NotCovered), index);

    /// <summary>The chain goes from one record to the next, or over a gap.</summary>
    public void Pass(in JournalPosition from, in JournalPosition to, bool isGap)
    {
        while (open.Count > 0 && open.Peek().Index < to.Index)
        {
            var head = open.Dequeue();
            compared.Add(
                head with
                {
                    Answer =
                        head.Index == from.Index || (head.Index > from.Index && !isGap)
                            ? Compare(head, from)
                            : HeadAnswer.NotCovered,
                }
            );
        }
    }

    /// <summary>Ends the comparison when the chain has ended.</summary>
    public IReadOnlyList<HeadComparison> Finish(JournalPosition? last)
    {
        while (open.Count > 0)
        {
            var head = open.Dequeue();
            var answer =
                last is not { } at ? HeadAnswer.CutOff
                : head.Head == at.Head ? HeadAnswer.Same
                : head.Index > at.Index ? HeadAnswer.CutOff
                : head.Index == at.Index ? HeadAnswer.Different
                : HeadAnswer.NotCovered;
            compared.Add(head with { Answer = answer });
        }

        return compared;
    }

    private static HeadAnswer Compare(HeadComparison head, in JournalPosition own) =>
        head.Head == own.Head ? HeadAnswer.Same : HeadAnswer.Different;
}
