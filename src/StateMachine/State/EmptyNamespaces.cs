// The namespaces in which nothing lives: of each only its name and its counter, in blocks of a flat table. A place takes 24 bytes, its
// share of the buckets 4 to 8, and the array that holds the name 24 and the name. There may be very many of them, and most are
// never used again.
namespace RaftLocks.StateMachine;

internal sealed class EmptyNamespaces
{
    private const int BlockBits = 10;
    private const int BlockSize = 1 << BlockBits;
    private const int None = -1;

    private readonly List<Place[]> blocks = [];
    private int[] buckets = NewBuckets(16);
    private int free = None;

    public int Count { get; private set; }

    /// <summary>The last id given in an empty namespace; false if there is none of this name.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, uint hash, out ulong lastId)
    {
        var found = Find(name, hash);
        lastId = found == None ? 0 : PlaceAt(found).LastId;
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
        PlaceAt(at) = new Place { Name = name, LastId = lastId, Hash = hash, Next = bucket };
        bucket = at;
        Count++;
    }

    /// <summary>Takes a namespace out, because something begins to live in it; false if there is none of this name.</summary>
    public bool TryTake(ReadOnlySpan<byte> wanted, uint hash, out byte[] name, out ulong lastId)
    {
        var at = Find(wanted, hash);
        if (at == None)
        {
            (name, lastId) = ([], 0);
            return false;
        }

        ref var place = ref PlaceAt(at);
        (name, lastId) = (place.Name, place.LastId);
        ref var link = ref buckets[hash & (buckets.Length - 1)];
        while (link != at)
        {
            link = ref PlaceAt(link).Next;
        }

        link = place.Next;
        place = new Place { Next = free };
        free = at;
        Count--;
        return true;
    }

    public void CopyTo(Span<(byte[] Name, ulong LastId)> destination)
    {
        var count = 0;
        foreach (var bucket in buckets)
        {
            for (var at = bucket; at != None; at = PlaceAt(at).Next)
            {
                ref var place = ref PlaceAt(at);
                destination[count++] = (place.Name, place.LastId);
            }
        }
    }

    private static int[] NewBuckets(int count)
    {
        var fresh = new int[count];
        fresh.AsSpan().Fill(None);
        return fresh;
    }

    private ref Place PlaceAt(int at) => ref blocks[at >> BlockBits][at & (BlockSize - 1)];

    private int Find(ReadOnlySpan<byte> name, uint hash)
    {
        var at = buckets[hash & (buckets.Length - 1)];
        while (at != None)
        {
            ref var place = ref PlaceAt(at);
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
            AddBlock();
        }

        var at = free;
        free = PlaceAt(at).Next;
        return at;
    }

    /// <summary>More places, linked so that the first is taken first.</summary>
    private void AddBlock()
    {
        var first = blocks.Count << BlockBits;
        var block = new Place[BlockSize];
        for (var i = 0; i < BlockSize; i++)
        {
            block[i].Next = i + 1 < BlockSize ? first + i + 1 : None;
        }

        blocks.Add(block);
        free = first;
    }

    private void Grow()
    {
        var old = buckets;
        buckets = NewBuckets(old.Length * 2);
        foreach (var bucket in old)
        {
            for (var at = bucket; at != None;)
            {
                ref var place = ref PlaceAt(at);
                var next = place.Next;
                ref var slot = ref buckets[place.Hash & (buckets.Length - 1)];
                place.Next = slot;
                slot = at;
                at = next;
            }
        }
    }

    private struct Place
    {
        public byte[] Name;
        public ulong LastId;
        public uint Hash;

        /// <summary>The next in the same bucket; for a free place the next free one.</summary>
        public int Next;
    }
}
