// The queues of all namespaces. A request takes a mode at each node on its paths; it is blocked at a node where an
// older request has an incompatible mode, and acquired when it is blocked at no node. Lock and release cost the length
// of the path, whatever is held beneath and however many wait: removing an entry only ever moves pointers forward.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Queues;

internal sealed class LockTree(uint hashSeed)
{
    // Enough for the churn of a busy batch; after a peak the rest goes back to the collector.
    private const int MaxFree = 8192;

    private static readonly byte[] RootKey = [];

    private readonly KeyedTable<PathNode> nodes = new(hashSeed);
    private QueueEntry? freeEntries;
    private PathNode? freeNodes;
    private int freeEntryCount;
    private int freeNodeCount;

    public int NodeCount => nodes.Count;

    /// <summary>Makes room for so many nodes.</summary>
    public void Reserve(int nodeCount) => nodes.Reserve(nodeCount);

    /// <summary>Puts the youngest request of its namespace into the queues; true if nothing blocks it.</summary>
    public bool Enqueue(LockRequest request)
    {
        foreach (var resource in request.Resources)
        {
            Visit(request, resource);
        }

        var blockedAt = 0;
        for (var entry = request.Entries; entry is not null; entry = entry.NextOfRequest)
        {
            var blocked = entry.Node.IsExcluded(entry.Mode);
            entry.Node.List(entry.Mode).Append(entry, blocked);
            entry.Node.MarkUsed(entry.Mode);
            blockedAt += blocked ? 1 : 0;
        }

        request.BlockedAt = blockedAt;
        return blockedAt == 0;
    }

    /// <summary>Removes a request, acquired or not, and adds those that nothing blocks any more.</summary>
    public void Remove(LockRequest request, List<LockRequest> unblocked)
    {
        for (var entry = request.Entries; entry is not null;)
        {
            var next = entry.NextOfRequest;
            var node = entry.Node;
            var wasFirst = node.List(entry.Mode).Remove(entry);
            node.MarkIfUnused(entry.Mode);
            if (node.IsEmpty)
            {
                Free(node);
            }
            else if (wasFirst)
            {
                Advance(node, entry.Mode, unblocked);
            }

            Free(entry);
            entry = next;
        }

        request.Entries = null;
    }

    /// <summary>The root of a namespace's tree; null while nothing lives in it.</summary>
    public PathNode? Find(NamespaceState space) => nodes.Find(space, RootKey, nodes.HashOf(space.Hash, RootKey));

    /// <summary>The node beneath another; null if no request names it or anything beneath it.</summary>
    public PathNode? Find(PathNode above, ReadOnlySpan<byte> segment) =>
        nodes.Find(above, segment, nodes.HashOf(above.Hash, segment));

    /// <summary>Turns a holder's writes into reads, and adds those that nothing blocks any more.</summary>
    public static void Downgrade(LockRequest request, List<LockRequest> unblocked)
    {
        for (var entry = request.Entries; entry is not null; entry = entry.NextOfRequest)
        {
            var (node, before) = (entry.Node, entry.Mode);
            var after = LockModes.WithoutWrites(before);
            if (after == before)
            {
                continue;
            }

            var wasFirst = node.List(before).Remove(entry);
            node.MarkIfUnused(before);

            // Before any waiting request is unblocked: what reads exclude stays excluded.
            entry.Mode = after;
            node.List(after).Prepend(entry);
            node.MarkUsed(after);
            if (wasFirst)
            {
                Advance(node, before, unblocked);
            }
        }
    }

    /// <summary>The first entry of a mode's list has left: those that it excluded may go.</summary>
    private static void Advance(PathNode node, LockMode left, List<LockRequest> unblocked)
    {
        for (var excluded = LockModes.ExcludedBy(left); excluded != 0; excluded &= excluded - 1)
        {
            ref var list = ref node.List((LockMode)System.Numerics.BitOperations.TrailingZeroCount(excluded));
            while (list.FirstBlocked is { } candidate && !node.IsBlocked(candidate))
            {
                list.FirstBlocked = candidate.Next;
                if (--candidate.Request.BlockedAt == 0)
                {
                    unblocked.Add(candidate.Request);
                }
            }
        }
    }

    private void Visit(LockRequest request, ResourceView resource)
    {
        var node = GetOrAdd(request.Owner, request.Owner.Hash, RootKey);
        var depth = resource.SegmentCount;
        foreach (var segment in resource)
        {
            Take(request, node, LockModes.Above(resource.Access));
            node = GetOrAdd(node, node.Hash, segment);
            depth--;
        }

        System.Diagnostics.Debug.Assert(depth == 0, "A path has as many segments as it says.");
        Take(request, node, LockModes.AtEnd(resource.Access));
    }

    private void Take(LockRequest request, PathNode node, LockMode mode)
    {
        if (node.LastVisit is { } visited && visited.Request == request)
        {
            visited.Mode = LockModes.Join(visited.Mode, mode);
            return;
        }

        var entry = RentEntry();
        entry.Request = request;
        entry.Node = node;
        entry.Mode = mode;
        entry.NextOfRequest = request.Entries;
        request.Entries = entry;
        node.LastVisit = entry;
    }

    private PathNode GetOrAdd(object parent, uint parentHash, ReadOnlySpan<byte> segment)
    {
        var hash = nodes.HashOf(parentHash, segment);
        if (nodes.Find(parent, segment, hash) is { } found)
        {
            return found;
        }

        var node = RentNode();
        node.Parent = parent;
        node.Key = segment.SequenceEqual(node.Key) ? node.Key : segment.ToArray();
        nodes.Add(node, hash);
        return node;
    }

    private QueueEntry RentEntry()
    {
        if (freeEntries is not { } entry)
        {
            return new QueueEntry();
        }

        freeEntries = entry.NextOfRequest;
        freeEntryCount--;
        return entry;
    }

    private PathNode RentNode()
    {
        if (freeNodes is not { } node)
        {
            return new PathNode();
        }

        freeNodes = node.NextInBucket;
        node.NextInBucket = null;
        freeNodeCount--;
        return node;
    }

    private void Free(QueueEntry entry)
    {
        if (entry.Node.LastVisit == entry)
        {
            entry.Node.LastVisit = null;
        }

        entry.Request = null!;
        entry.Node = null!;
        entry.Previous = entry.Next = entry.NextOfRequest = null;
        if (freeEntryCount < MaxFree)
        {
            entry.NextOfRequest = freeEntries;
            freeEntries = entry;
            freeEntryCount++;
        }
    }

    private void Free(PathNode node)
    {
        nodes.Remove(node);
        node.Parent = null!;
        node.LastVisit = null;
        if (freeNodeCount < MaxFree)
        {
            node.NextInBucket = freeNodes;
            freeNodes = node;
            freeNodeCount++;
        }
    }
}
