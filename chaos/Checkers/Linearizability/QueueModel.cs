// The sequential specification, which is the one rule: a live request is acquired exactly when no live request with a
// smaller id conflicts with it. Nothing else is state: the counter, and who is live. Every change can be taken back,
// and the hash follows.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>A live request.</summary>
internal readonly record struct LiveLock(ulong Id, LockInfo Info, bool IsDowngraded)
{
    /// <summary>What it locks now.</summary>
    public IReadOnlyList<Resource> Locked => Info.Locked(IsDowngraded);

    /// <summary>Whether it excludes a request for these resources.</summary>
    public bool ConflictsWith(IReadOnlyList<Resource> others)
    {
        var mine = Locked;
        for (var i = 0; i < mine.Count; i++)
        {
            for (var j = 0; j < others.Count; j++)
            {
                if (mine[i].ConflictsWith(others[j]))
                {
                    return true;
                }
            }
        }

        return false;
    }
}

/// <summary>The state of one namespace.</summary>
internal sealed class QueueModel
{
    private enum Change
    {
        Added,
        Ended,
        Downgraded,
    }

    private readonly List<LiveLock> live = [];
    private readonly Stack<(Change Change, int Place, LiveLock Before)> changes = [];

    /// <summary>The last id that was given.</summary>
    public ulong Counter { get; private set; }

    /// <summary>The live requests, in id order.</summary>
    public IReadOnlyList<LiveLock> Live => live;

    /// <summary>A hash of the state.</summary>
    public UInt128 Hash { get; private set; }

    /// <summary>How many changes were made, for <see cref="TakeBackTo"/>.</summary>
    public int Changes => changes.Count;

    /// <summary>Where a request is in <see cref="Live"/>; -1 if it is not live.</summary>
    public int Find(ulong id)
    {
        for (var i = 0; i < live.Count; i++)
        {
            if (live[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether an older request excludes it.</summary>
    public bool IsBlocked(int place)
    {
        var locked = live[place].Locked;
        for (var i = 0; i < place; i++)
        {
            if (live[i].ConflictsWith(locked))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a new request for these resources would wait.</summary>
    public bool WouldWait(IReadOnlyList<Resource> resources) => live.Exists(one => one.ConflictsWith(resources));

    /// <summary>A request enters, and gets the next id.</summary>
    public void Add(LockInfo info)
    {
        Counter++;
        live.Add(new LiveLock(Counter, info, IsDowngraded: false));
        changes.Push((Change.Added, live.Count - 1, default));
        Hash ^= HashOf(live[^1]);
    }

    /// <summary>A request leaves.</summary>
    public void End(int place)
    {
        changes.Push((Change.Ended, place, live[place]));
        Hash ^= HashOf(live[place]);
        live.RemoveAt(place);
    }

    /// <summary>A request's writes become reads.</summary>
    public void Downgrade(int place)
    {
        changes.Push((Change.Downgraded, place, live[place]));
        Hash ^= HashOf(live[place]);
        live[place] = live[place] with { IsDowngraded = true };
        Hash ^= HashOf(live[place]);
    }

    /// <summary>Takes back all changes after the first so many.</summary>
    public void TakeBackTo(int count)
    {
        while (changes.Count > count)
        {
            var (change, place, before) = changes.Pop();
            switch (change)
            {
                case Change.Added:
                    Hash ^= HashOf(live[place]);
                    live.RemoveAt(place);
                    Counter--;
                    break;
                case Change.Ended:
                    live.Insert(place, before);
                    Hash ^= HashOf(before);
                    break;
                default:
                    Hash ^= HashOf(live[place]) ^ HashOf(before);
                    live[place] = before;
                    break;
            }
        }
    }

    /// <summary>A state in words.</summary>
    public static string Describe(ulong counter, IReadOnlyList<LiveLock> live)
    {
        bool IsBlocked(int place) =>
            Enumerable.Range(0, place).Any(older => live[older].ConflictsWith(live[place].Locked));
        return live.Count == 0
            ? $"nobody is live, and the last id is {counter}"
            : $"the last id is {counter}, and live are "
                + string.Join(
                    "; ",
                    live.Select(
                        (one, place) =>
                            $"#{one.Id} {(IsBlocked(place) ? "enqueued" : "acquired")} [{string.Join(' ', one.Locked)}]"
                    )
                );
    }

    private static UInt128 HashOf(in LiveLock one) =>
        Scramble.Of(1, ((ulong)one.Info.Key * 2) + (one.IsDowngraded ? 1UL : 0), one.Id);
}
