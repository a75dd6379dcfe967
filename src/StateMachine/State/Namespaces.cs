// All namespaces: the active ones as objects, the empty ones in a flat table. One that has just become empty stays an
// object for a while, cached. Otherwise a client that locks and releases again and again would move it between the two
// with every cycle.
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.StateMachine.State;

/// <summary>An active namespace, and its counter as it was when the list was frozen.</summary>
internal readonly record struct ActiveSlot(NamespaceState Space, ulong LastId);

internal sealed class Namespaces(uint hashSeed, int maxCached)
{
    public const int MaxCached = 256;

    private readonly KeyedTable<NamespaceState> active = new(hashSeed);
    private readonly FreezableList<ActiveSlot> slots = new();
    private readonly EmptyNamespaces empty = new();
    private readonly Queue<NamespaceState> cached = new(maxCached + 1);

    public int Count => active.Count + empty.Count;

    /// <summary>The active namespaces, cached ones included, in the byte order of their names.</summary>
    public NamespaceState[] InByteOrder()
    {
        var spaces = new NamespaceState[slots.Count];
        for (var i = 0; i < spaces.Length; i++)
        {
            spaces[i] = slots[i].Space;
        }

        Array.Sort(spaces, static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        return spaces;
    }

    /// <summary>Finds an active namespace; null if there is none of this name.</summary>
    public NamespaceState? Find(ReadOnlySpan<byte> name) => active.Find(null, name, active.HashOf(0, name));

    /// <summary>A namespace in figures; false if nothing was ever locked in it.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out NamespaceSummary summary)
    {
        if (Find(name) is { } found)
        {
            summary = new NamespaceSummary(found.LastId, found.LiveCount, found.AcquiredCount);
            return true;
        }

        var isThere = empty.TryGet(name, active.HashOf(0, name), out var lastId);
        summary = new NamespaceSummary(lastId, 0, 0);
        return isThere;
    }

    /// <summary>Returns the namespace for a new request, and makes it active. Its counter is 0 if it is new.</summary>
    public NamespaceState GetOrAdd(ReadOnlySpan<byte> name)
    {
        var hash = active.HashOf(0, name);
        if (active.Find(null, name, hash) is { } found)
        {
            return found;
        }

        var added = empty.TryTake(name, hash, out var key, out var lastId)
            ? new NamespaceState(key) { LastId = lastId }
            : new NamespaceState(name.ToArray());
        active.Add(added, hash);
        added.Slot = slots.Count;
        slots.Add(new ActiveSlot(added, added.LastId));
        return added;
    }

    public void SetLastId(NamespaceState space, ulong lastId)
    {
        space.LastId = lastId;
        slots.Change(space.Slot) = new ActiveSlot(space, lastId);
    }

    /// <summary>Adds an empty namespace that is not there yet.</summary>
    public void AddEmpty(byte[] name, ulong lastId) => empty.Add(name, active.HashOf(0, name), lastId);

    /// <summary>
    /// Called when a request of the namespace has ended. An empty namespace is cached; one that never had a lock is
    /// forgotten.
    /// </summary>
    public void CacheIfEmpty(NamespaceState space)
    {
        if (space.LiveCount > 0 || space.IsCached)
        {
            return;
        }

        if (space.LastId == 0)
        {
            Remove(space);
            return;
        }

        space.IsCached = true;
        cached.Enqueue(space);
        if (cached.Count > maxCached)
        {
            Uncache(cached.Dequeue());
        }
    }

    /// <summary>Adds about a number of namespaces, in the order of <see cref="HashOrder"/> from a place on.</summary>
    /// <param name="from">The place, from 0.</param>
    /// <param name="about">How many.</param>
    /// <param name="found">The list that they are added to.</param>
    /// <returns>The place to go on from; <see cref="HashOrder.End"/> behind the last.</returns>
    public long Collect(long from, int about, ICollection<ListedNamespace> found)
    {
        // Ranges that lie within one bucket of either table, so that one that becomes empty or active between two
        // pages is met all the same.
        var width = HashOrder.BucketWidth(Math.Max(active.BucketCount, empty.BucketCount));
        var last = Math.Min(HashOrder.End, from + (width * Limits.MaxBucketsPerPage));
        var enough = found.Count + about;
        var some = new List<NamespaceState>();
        while (from < last && found.Count < enough)
        {
            var range = new HashOrder.Range(from, (from / width * width) + width);
            active.Collect(range, some);
            empty.Collect(range, found);
            foreach (var space in some)
            {
                if (space.LastId > 0)
                {
                    found.Add(
                        new ListedNamespace(
                            space.Key,
                            new NamespaceSummary(space.LastId, space.LiveCount, space.AcquiredCount)
                        )
                    );
                }
            }

            some.Clear();
            from = range.To;
        }

        return from;
    }

    public FrozenNamespaces Freeze() => new(slots.Freeze(), empty.Freeze());

    private void Uncache(NamespaceState space)
    {
        space.IsCached = false;
        if (space.LiveCount == 0)
        {
            Remove(space);
            empty.Add(space.Key, space.Hash, space.LastId);
        }
    }

    private void Remove(NamespaceState space)
    {
        active.Remove(space);
        if (space.Slot < slots.Count - 1)
        {
            var last = slots[slots.Count - 1];
            slots.Change(space.Slot) = last;
            last.Space.Slot = space.Slot;
        }

        slots.RemoveLast();
    }
}
