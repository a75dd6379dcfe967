// The operations that have not taken effect yet, by when they were called and by when they had returned: two lists,
// from which an operation is lifted and put back in one step, in the reverse order (Lowe, "Testing for
// linearizability", 2017).
namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>Operations that are left.</summary>
internal sealed class EntryList
{
    private readonly Operation[] operations;
    private readonly Chain byCall;
    private readonly Chain byReturn;
    private readonly Stack<int> lifted = [];

    /// <summary>All operations.</summary>
    public EntryList(IEnumerable<Operation> all)
    {
        operations = [.. all.OrderBy(operation => operation.Call)];
        byCall = new Chain([.. Enumerable.Range(0, operations.Length)]);
        byReturn = new Chain([.. Enumerable.Range(0, operations.Length).OrderBy(i => operations[i].Return)]);
    }

    /// <summary>A hash of the set of lifted operations.</summary>
    public UInt128 Hash { get; private set; }

    /// <summary>How many were lifted.</summary>
    public int Lifted => lifted.Count;

    /// <summary>How many there are in all.</summary>
    public int Count => operations.Length;

    /// <summary>The operation that must take effect first of all: no other may that was called after its return. Null
    /// if none is left that must.</summary>
    public Operation? Next =>
        byReturn.First is >= 0 and var first && !double.IsInfinity(operations[first].Return) ? operations[first] : null;

    /// <summary>An operation by its number.</summary>
    public Operation this[int number] => operations[number];

    /// <summary>Adds the numbers of all that may take effect next.</summary>
    public void Candidates(List<int> candidates)
    {
        var until = byReturn.First < 0 ? double.PositiveInfinity : operations[byReturn.First].Return;
        for (var i = byCall.First; i >= 0 && operations[i].Call <= until; i = byCall.After(i))
        {
            candidates.Add(i);
        }
    }

    /// <summary>An operation has taken effect.</summary>
    public void Lift(int number)
    {
        byCall.Lift(number);
        byReturn.Lift(number);
        lifted.Push(number);
        Hash ^= Scramble.Of(2, (ulong)number);
    }

    /// <summary>Puts back all but the first so many that were lifted.</summary>
    public void PutBackTo(int count)
    {
        while (lifted.Count > count)
        {
            var number = lifted.Pop();
            byReturn.PutBack(number);
            byCall.PutBack(number);
            Hash ^= Scramble.Of(2, (ulong)number);
        }
    }

    private sealed class Chain
    {
        // With one place more, before the first and behind the last.
        private readonly int[] next;
        private readonly int[] previous;

        public Chain(int[] order)
        {
            next = new int[order.Length + 1];
            previous = new int[order.Length + 1];
            var before = order.Length;
            foreach (var number in order)
            {
                (next[before], previous[number]) = (number, before);
                before = number;
            }

            (next[before], previous[order.Length]) = (order.Length, before);
        }

        public int First => After(next.Length - 1);

        public int After(int number) => next[number] == next.Length - 1 ? -1 : next[number];

        public void Lift(int number) =>
            (next[previous[number]], previous[next[number]]) = (next[number], previous[number]);

        public void PutBack(int number) => (next[previous[number]], previous[next[number]]) = (number, number);
    }
}
