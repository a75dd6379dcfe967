// The live requests of a namespace, in a tree of path segments. Each node knows which requests name exactly its path,
// and which name something beneath it, readers and writers apart. Two requests conflict when one names a path at or
// above a path of the other's and one of the two writes: so the older requests that conflict with one are found in the
// exact sets along its paths and in the sets beneath their ends. (The product's own tree works differently: with five
// modes, and queues at each node.)
namespace RaftLocks.Ledger.Proof;

internal enum Part
{
    ReadsHere,
    WritesHere,
    ReadsBeneath,
    WritesBeneath,
}

internal sealed class PathNode(PathNode? parent, byte[] segment)
{
    private readonly IdSet?[] sets = new IdSet?[4];
    private Dictionary<byte[], PathNode>? children;

    public PathNode? Parent { get; } = parent;

    /// <summary>Entries in all sets of this node.</summary>
    public int Members { get; set; }

    public IdSet this[Part part] => sets[(int)part] ??= new IdSet();

    public PathNode Child(ReadOnlySpan<byte> name)
    {
        children ??= new Dictionary<byte[], PathNode>(ByteKey.Comparer);
        var lookup = children.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(name, out var child))
        {
            var key = name.ToArray();
            child = new PathNode(this, key);
            children.Add(key, child);
        }

        return child;
    }

    /// <summary>Removes the node from the tree.</summary>
    public void Detach() => Parent?.children!.Remove(segment);
}
