// The empty namespaces: only the name and the counter of each, in a flat table. A place takes 24 bytes, its share of
// the buckets 4 to 8, and the array that holds the name 24 and the name. There may be very many of them, and most are
// never used again.
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.StateMachine.State;

internal sealed class EmptyNamespaces
{
    private const int None = -1;

    private readonly FreezableList<Place> places = new();
    private int[] buckets = NewBuckets(16);
    private int free = None;

    public int Count { get; private set; }

    /// <summary>The last id given in an empty namespace; false if there is none of this name.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, uint hash, out ulong lastId)
    {
        var found = Find(name, hash);
        lastId = found == None ? 0 : places[found].LastId;
        return found != None;
    }

    public void Add(byte[] name, uint hash, ulong lastId)
    {
        if (Count == buckets.Length)
        {
            Grow();
        }

        var at = RentPlace();
        ref var bucket = ref buckets[hash & (buckets.Length - 1)];
        places.Change(at) = new Place
        {
            Name = name,
            LastId = lastId,
            Hash = hash,
            Next = bucket,
        };
        bucket = at;
        Count++;
    }

    /// <summary>Takes a namespace out, because it becomes active; false if there is none of this name.</summary>
    public bool TryTake(ReadOnlySpan<byte> wanted, uint hash, out byte[] name, out ulong lastId)
    {
        var at = Find(wanted, hash);
        if (at == None)
        {
            (name, lastId) = ([], 0);
            return false;
        }

        var place = places[at];
        (name, lastId) = (place.Name, place.LastId);
        ref var first = ref buckets[hash & (buckets.Length - 1)];
        if (first == at)
        {
            first = place.Next;
        }
        else
        {
            var before = first;
            while (places[before].Next != at)
            {
                before = places[before].Next;
            }

            places.Change(before).Next = place.Next;
        }

        places.Change(at) = new Place { Next = free };
        free = at;
        Count--;
        return true;
    }

    /// <summary>How many buckets there are; a power of two.</summary>
    public int BucketCount => buckets.Length;

    /// <summary>Adds all of a range, which lies within one bucket.</summary>
    public void Collect(HashOrder.Range range, ICollection<ListedNamespace> found)
    {
        for (var at = buckets[HashOrder.BucketAt(range.From, buckets.Length)]; at != None; at = places[at].Next)
        {
            ref readonly var place = ref places[at];
            if (range.Contains(place.Hash))
            {
                found.Add(
                    new ListedNamespace(place.Name, new NamespaceSummary(place.LastId, LiveCount: 0, AcquiredCount: 0))
                );
            }
        }
    }

    /// <summary>All places, the free ones included: those have no name.</summary>
    public FrozenList<Place> Freeze() => places.Freeze();

    private static int[] NewBuckets(int count)
    {
        var fresh = new int[count];
        fresh.AsSpan().Fill(None);
        return fresh;
    }

    private int Find(ReadOnlySpan<byte> name, uint hash)
    {
        var at = buckets[hash & (buckets.Length - 1)];
        while (at != None)
        {
            ref readonly var place = ref places[at];
            if (place.Hash == hash && name.SequenceEqual(place.Name))
            {
                return at;
            }

            at = place.Next;
        }

        return None;
    }

    private int RentPlace()
    {
        if (free == None)
        {
            places.Add(default);
            return places.Count - 1;
        }

        var at = free;
        free = places[at].Next;
        return at;
    }

    private void Grow()
    {
        var old = buckets;
        buckets = NewBuckets(old.Length * 2);
        foreach (var bucket in old)
        {
            for (var at = bucket; at != None;)
            {
                ref var place = ref places.Change(at);
                var next = place.Next;
                ref var slot = ref buckets[place.Hash & (buckets.Length - 1)];
                place.Next = slot;
                slot = at;
                at = next;
            }
        }
    }

    internal struct Place
    {
        public byte[] Name;
        public ulong LastId;
        public uint Hash;

        /// <summary>The next in the same bucket; for a free place the next free one.</summary>
        public int Next;
    }
}
