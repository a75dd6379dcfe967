// A hash table whose items carry their own key and link: no entry objects, no copies of keys, lookup by bytes.
// Namespaces are kept in one (no parent), all nodes of all trees in another (parent: the node above, or the namespace).
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.StateMachine.Queues;

internal interface IKeyed<T>
    where T : class
{
    object? Parent { get; }

    byte[] Key { get; }

    uint Hash { get; set; }

    T? NextInBucket { get; set; }
}

internal sealed class KeyedTable<T>(uint seed)
    where T : class, IKeyed<T>
{
    private T?[] buckets = new T?[16];

    public int Count { get; private set; }

    public uint HashOf(uint parentHash, ReadOnlySpan<byte> key) =>
        Hash128.OfSegment(key, (parentHash * 0x9E3779B1) ^ seed);

    public T? Find(object? parent, ReadOnlySpan<byte> key, uint hash)
    {
        for (var item = buckets[hash & (buckets.Length - 1)]; item is not null; item = item.NextInBucket)
        {
            if (item.Hash == hash && ReferenceEquals(item.Parent, parent) && key.SequenceEqual(item.Key))
            {
                return item;
            }
        }

        return null;
    }

    /// <summary>Makes room for so many, so that it need not grow step by step.</summary>
    public void Reserve(int count)
    {
        if (count > buckets.Length)
        {
            Resize((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count));
        }
    }

    public void Add(T item, uint hash)
    {
        if (Count == buckets.Length)
        {
            Resize(Count * 2);
        }

        item.Hash = hash;
        Link(item);
        Count++;
    }

    public void Remove(T item)
    {
        ref var slot = ref buckets[item.Hash & (buckets.Length - 1)];
        if (ReferenceEquals(slot, item))
        {
            slot = item.NextInBucket;
        }
        else
        {
            var before = slot!;
            while (!ReferenceEquals(before.NextInBucket, item))
            {
                before = before.NextInBucket!;
            }

            before.NextInBucket = item.NextInBucket;
        }

        item.NextInBucket = null;
        Count--;
    }

    /// <summary>How many buckets there are; a power of two.</summary>
    public int BucketCount => buckets.Length;

    /// <summary>Adds all items of a range, which lies within one bucket.</summary>
    public void Collect(HashOrder.Range range, List<T> found)
    {
        for (
            var item = buckets[HashOrder.BucketAt(range.From, buckets.Length)];
            item is not null;
            item = item.NextInBucket
        )
        {
            if (range.Contains(item.Hash))
            {
                found.Add(item);
            }
        }
    }

    private void Link(T item)
    {
        ref var slot = ref buckets[item.Hash & (buckets.Length - 1)];
        item.NextInBucket = slot;
        slot = item;
    }

    private void Resize(int count)
    {
        var old = buckets;
        buckets = new T?[count];
        foreach (var bucket in old)
        {
            for (var item = bucket; item is not null;)
            {
                var next = item.NextInBucket;
                Link(item);
                item = next;
            }
        }
    }
}
