// The digests of one replica at the last indexes that were seen: bounded, the oldest are forgotten.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Journal;

internal sealed class MarkBook(int capacity)
{
    private readonly SortedDictionary<long, DigestMark> marks = [];

    public IEnumerable<DigestMark> Marks => marks.Values;

    public void Add(IEnumerable<DigestMark> seen)
    {
        foreach (var mark in seen)
        {
            marks.TryAdd(mark.Index, mark);
        }

        while (marks.Count > capacity)
        {
            marks.Remove(marks.First().Key);
        }
    }

    public bool TryFind(long index, out DigestMark mark) => marks.TryGetValue(index, out mark);

    public void ForgetUpTo(long index)
    {
        while (marks.Count > 0 && marks.First().Key is var oldest && oldest <= index)
        {
            marks.Remove(oldest);
        }
    }
}
