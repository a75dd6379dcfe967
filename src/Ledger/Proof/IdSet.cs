// A set of request ids that knows its smallest, and the requests that wait for that one to leave. A waiting request
// watches one set that holds an older id; it is woken when the set holds none any more. A set that a request has passed
// once stays passed, so each set costs once per request. (A downgrade puts an older id into a set of readers; but it
// comes from the set of writers of the same node, which stands before the readers' among the blockers of whoever reads
// exclude. So nobody has passed it yet.)
namespace RaftLocks.Ledger.Proof;

internal sealed class IdSet
{
    private const ulong None = ulong.MaxValue;

    private ulong single = None;
    private SortedSet<ulong>? many;
    private PriorityQueue<ProofRequest, ulong>? watchers;
    private int gone;

    /// <summary>The smallest id; greater than all ids when there is none.</summary>
    public ulong Min => many is { Count: > 0 } ? many.Min : single;

    /// <summary>Adds an id; false if it was there.</summary>
    public bool Add(ulong id)
    {
        if (many is null)
        {
            if (single == None)
            {
                single = id;
                return true;
            }

            if (single == id)
            {
                return false;
            }

            many = [single];
            single = None;
        }

        return many.Add(id);
    }

    /// <summary>Removes an id, and the watchers that need not watch this set any more.</summary>
    public void Remove(ulong id, List<ProofRequest> woken)
    {
        if (many is not null)
        {
            many.Remove(id);
            many = many.Count > 0 ? many : null;
        }
        else if (single == id)
        {
            single = None;
        }

        var least = Min;
        while (watchers is { Count: > 0 } && watchers.Peek().Id <= least)
        {
            var request = watchers.Dequeue();
            if (request.Watches == this)
            {
                request.Watches = null;
                woken.Add(request);
            }
            else
            {
                gone--;
            }
        }
    }

    /// <summary>Wakes a request when all older ids have left.</summary>
    public void Watch(ProofRequest request)
    {
        request.Watches = this;
        (watchers ??= new PriorityQueue<ProofRequest, ulong>()).Enqueue(request, request.Id);
    }

    /// <summary>A request that watches has ended itself.</summary>
    public void Unwatch(ProofRequest request)
    {
        request.Watches = null;
        gone++;
        if (gone > 16 && gone > watchers!.Count / 2)
        {
            var left = watchers.UnorderedItems.Where(item => item.Element.Watches == this).ToArray();
            watchers = new PriorityQueue<ProofRequest, ulong>(left);
            gone = 0;
        }
    }
}
