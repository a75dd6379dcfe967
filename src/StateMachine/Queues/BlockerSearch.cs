// Finds the requests that block another. It reads the queues and changes nothing. A request waits for the older ones
// that have an incompatible mode at some node of its paths. So the blockers of a request are in some lists of some
// nodes, and of each list they are the older entries. Every search is bounded by the number of entries that it looks
// at. Scratch space is kept from query to query.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Queues;

internal sealed class BlockerSearch(LockTree tree)
{
    private readonly List<(PathNode Node, int Modes)> places = [];
    private readonly HashSet<ulong> counted = [];
    private ulong bound;

    /// <summary>From now on it is asked for a live request.</summary>
    public void Of(LockRequest request)
    {
        places.Clear();
        bound = request.Id;
        for (var entry = request.Entries; entry is not null; entry = entry.NextOfRequest)
        {
            Add(entry.Node, LockModes.ExcludedBy(entry.Mode));
        }
    }

    /// <summary>From now on it is asked for a request that would be made now.</summary>
    public void Of(NamespaceState space, ResourceSet resources)
    {
        places.Clear();
        bound = ulong.MaxValue;
        foreach (var resource in resources)
        {
            var node = tree.Find(space);
            foreach (var segment in resource)
            {
                if (node is null)
                {
                    break;
                }

                Add(node, LockModes.ExcludedBy(LockModes.Above(resource.Access)));
                node = tree.Find(node, segment);
            }

            if (node is not null)
            {
                Add(node, LockModes.ExcludedBy(LockModes.AtEnd(resource.Access)));
            }
        }
    }

    /// <summary>The oldest one; null if nothing is in the way.</summary>
    public LockRequest? Oldest()
    {
        LockRequest? oldest = null;
        foreach (var (node, modes) in places)
        {
            for (var left = modes; left != 0; left &= left - 1)
            {
                var steps = Limits.MaxStepsPerPage;
                for (
                    var entry = node.List(ModeOf(left)).First;
                    entry is not null && steps > 0;
                    entry = entry.Next, steps--
                )
                {
                    if (entry.Request.Id < bound && (oldest is null || entry.Request.Id < oldest.Id))
                    {
                        oldest = entry.Request;
                    }

                    // Behind those that a downgrade put in front the list is in order.
                    if (!entry.Request.IsDowngraded)
                    {
                        break;
                    }
                }
            }
        }

        return oldest;
    }

    /// <summary>How many of them wait themselves, up to <see cref="Limits.MaxPlace"/>.</summary>
    public int CountWaiting(ref int budget)
    {
        counted.Clear();
        foreach (var (node, modes) in places)
        {
            for (var left = modes; left != 0; left &= left - 1)
            {
                // Those that are blocked here wait for certain. Of the others some may wait elsewhere.
                ref var list = ref node.List(ModeOf(left));
                Count(list.FirstBlocked, until: null, ref budget);
                Count(list.First, until: list.FirstBlocked, ref budget);
            }
        }

        return counted.Count;
    }

    /// <summary>The ids of the oldest ones, ascending; <see cref="Limits.MaxNamedBlockers"/> at most.</summary>
    public ulong[] OldestIds()
    {
        const int Max = Limits.MaxNamedBlockers;
        counted.Clear();
        foreach (var (node, modes) in places)
        {
            for (var left = modes; left != 0; left &= left - 1)
            {
                var (some, steps) = (0, Limits.MaxStepsPerPage);
                for (
                    var entry = node.List(ModeOf(left)).First;
                    entry is not null && (some < Max || entry.Request.IsDowngraded) && steps-- > 0;
                    entry = entry.Next
                )
                {
                    if (entry.Request.Id < bound)
                    {
                        counted.Add(entry.Request.Id);
                        some++;
                    }
                    else if (!entry.Request.IsDowngraded)
                    {
                        break;
                    }
                }
            }
        }

        var ids = counted.ToArray();
        Array.Sort(ids);
        return ids.Length > Max ? ids[..Max] : ids;
    }

    /// <summary>
    /// Adds all of them that are not yet found, and marks the lists that were gone through. False if there were too
    /// many.
    /// </summary>
    /// <param name="found">The requests that were found, by id.</param>
    /// <param name="fresh">The requests that were found just now.</param>
    /// <param name="explored">Lists that were gone through for a younger request: all that is in them and older is
    /// found.</param>
    /// <param name="max">How many may be found in all.</param>
    /// <param name="budget">Entries that may be looked at.</param>
    public bool TryCollect(
        Dictionary<ulong, LockRequest> found,
        PriorityQueue<LockRequest, ulong> fresh,
        HashSet<(PathNode Node, LockMode Mode)> explored,
        int max,
        ref int budget
    )
    {
        foreach (var (node, modes) in places)
        {
            for (var left = modes; left != 0; left &= left - 1)
            {
                var mode = ModeOf(left);
                if (!explored.Add((node, mode)))
                {
                    continue;
                }

                for (var entry = node.List(mode).First; entry is not null; entry = entry.Next)
                {
                    if (budget-- <= 0)
                    {
                        return false;
                    }

                    if (entry.Request.Id >= bound)
                    {
                        if (entry.Request.IsDowngraded)
                        {
                            continue;
                        }

                        break;
                    }

                    if (found.ContainsKey(entry.Request.Id))
                    {
                        continue;
                    }

                    if (found.Count == max)
                    {
                        return false;
                    }

                    found.Add(entry.Request.Id, entry.Request);
                    fresh.Enqueue(entry.Request, ulong.MaxValue - entry.Request.Id);
                }
            }
        }

        return true;
    }

    private static LockMode ModeOf(int modes) => (LockMode)System.Numerics.BitOperations.TrailingZeroCount(modes);

    private void Add(PathNode node, int modes) => places.Add((node, modes));

    private void Count(QueueEntry? entry, QueueEntry? until, ref int budget)
    {
        for (
            ;
            entry != until && entry is not null && counted.Count < Limits.MaxPlace && budget-- > 0;
            entry = entry.Next
        )
        {
            if (entry.Request.Id < bound)
            {
                if (!entry.Request.IsAcquired)
                {
                    counted.Add(entry.Request.Id);
                }
            }
            else if (!entry.Request.IsDowngraded)
            {
                break;
            }
        }
    }
}
