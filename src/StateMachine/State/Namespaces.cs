// All namespaces: those in which something lives as objects, the empty ones in a flat table. One that has just become empty stays an
// object for a while, because a client that locks and releases over and over would otherwise move it to and fro with every cycle.
namespace RaftLocks.StateMachine;

/// <summary>A namespace in which something lives, and its counter as it was when the list was frozen.</summary>
internal readonly record struct AwakeSlot(NamespaceState Space, ulong LastId);

internal sealed class Namespaces(uint hashSeed, int maxResting)
{
    public const int MaxResting = 256;

    private readonly KeyedTable<NamespaceState> awake = new(hashSeed);
    private readonly FreezableList<AwakeSlot> slots = new();
    private readonly EmptyNamespaces asleep = new();
    private readonly Queue<NamespaceState> resting = new(maxResting + 1);

    public int Count => awake.Count + asleep.Count;

    /// <summary>Those in which something may live.</summary>
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

    /// <summary>One in which something may live.</summary>
    public NamespaceState? Find(ReadOnlySpan<byte> name) => awake.Find(null, name, awake.HashOf(0, name));

    /// <summary>A namespace in figures; false if nothing was ever locked in it.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out NamespaceSummary summary)
    {
        if (Find(name) is { } found)
        {
            summary = new NamespaceSummary(found.LastId, found.LiveCount, found.AcquiredCount);
            return true;
        }

        var isThere = asleep.TryGet(name, awake.HashOf(0, name), out var lastId);
        summary = new NamespaceSummary(lastId, 0, 0);
        return isThere;
    }

    /// <summary>The namespace in which something is about to live. Its counter is 0 if it is new.</summary>
    public NamespaceState GetOrAdd(ReadOnlySpan<byte> name)
    {
        var hash = awake.HashOf(0, name);
        if (awake.Find(null, name, hash) is { } found)
        {
            return found;
        }

        var added = asleep.TryTake(name, hash, out var key, out var lastId)
            ? new NamespaceState(key) { LastId = lastId }
            : new NamespaceState(name.ToArray());
        awake.Add(added, hash);
        added.Slot = slots.Count;
        slots.Add(new AwakeSlot(added, added.LastId));
        return added;
    }

    public void SetLastId(NamespaceState space, ulong lastId)
    {
        space.LastId = lastId;
        slots.Change(space.Slot) = new AwakeSlot(space, lastId);
    }

    /// <summary>Adds an empty namespace that is not there yet.</summary>
    public void AddEmpty(byte[] name, ulong lastId) => asleep.Add(name, awake.HashOf(0, name), lastId);

    /// <summary>Something has ceased to live in a namespace. It exists from its first lock on; one without is forgotten.</summary>
    public void Settle(NamespaceState space)
    {
        if (space.LiveCount > 0 || space.IsResting)
        {
            return;
        }

        if (space.LastId == 0)
        {
            Remove(space);
            return;
        }

        space.IsResting = true;
        resting.Enqueue(space);
        if (resting.Count > maxResting)
        {
            Sleep(resting.Dequeue());
        }
    }

    /// <summary>Adds those that stand from a place of <see cref="HashOrder"/> on, about so many.</summary>
    /// <param name="from">The place, from 0.</param>
    /// <param name="about">How many.</param>
    /// <param name="found">Added to.</param>
    /// <returns>The place to go on from; <see cref="HashOrder.End"/> behind the last.</returns>
    public long Collect(long from, int about, ICollection<ListedNamespace> found)
    {
        // Ranges that lie within one bucket of either table, so that one that falls asleep or wakes up between two pages is met all the same.
        var width = HashOrder.BucketWidth(Math.Max(awake.BucketCount, asleep.BucketCount));
        var last = Math.Min(HashOrder.End, from + (width * Limits.MaxBucketsPerPage));
        var enough = found.Count + about;
        var some = new List<NamespaceState>();
        while (from < last && found.Count < enough)
        {
            var range = new HashOrder.Range(from, (from / width * width) + width);
            awake.Collect(range, some);
            asleep.Collect(range, found);
            foreach (var space in some)
            {
                if (space.LastId > 0)
                {
                    found.Add(new ListedNamespace(space.Key, new NamespaceSummary(space.LastId, space.LiveCount, space.AcquiredCount)));
                }
            }

            some.Clear();
            from = range.To;
        }

        return from;
    }

    public FrozenNamespaces Freeze() => new(slots.Freeze(), asleep.Freeze());

    private void Sleep(NamespaceState space)
    {
        space.IsResting = false;
        if (space.LiveCount == 0)
        {
            Remove(space);
            asleep.Add(space.Key, space.Hash, space.LastId);
        }
    }

    private void Remove(NamespaceState space)
    {
        awake.Remove(space);
        if (space.Slot < slots.Count - 1)
        {
            var last = slots[slots.Count - 1];
            slots.Change(space.Slot) = last;
            last.Space.Slot = space.Slot;
        }

        slots.RemoveLast();
    }
}
