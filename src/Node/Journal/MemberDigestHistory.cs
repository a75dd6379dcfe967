// The digests of one replica at the last indexes that were seen: bounded, the oldest are forgotten.
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Journal;

internal sealed class MemberDigestHistory(int capacity)
{
    private readonly SortedDictionary<long, DigestPoint> points = [];

    public IEnumerable<DigestPoint> Points => points.Values;

    public void Add(IEnumerable<DigestPoint> seen)
    {
        foreach (var point in seen)
        {
            points.TryAdd(point.Index, point);
        }

        while (points.Count > capacity)
        {
            points.Remove(points.First().Key);
        }
    }

    public bool TryFind(long index, out DigestPoint point) => points.TryGetValue(index, out point);
}
