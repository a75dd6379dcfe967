// A node of the tree of paths, with one list for each mode. It exists only while some request has an entry here.
using System.Runtime.CompilerServices;

namespace RaftLocks.StateMachine.Queues;

internal sealed class PathNode : IKeyed<PathNode>
{
    private Lists lists;
    private int used;

    public object Parent { get; set; } = null!;

    public byte[] Key { get; set; } = [];

    public uint Hash { get; set; }

    public PathNode? NextInBucket { get; set; }

    /// <summary>
    /// The entry that the request being enqueued has here already, else an entry of an older request or null.
    /// </summary>
    public QueueEntry? LastVisit { get; set; }

    public bool IsEmpty => used == 0;

    public ref ModeList List(LockMode mode) => ref lists[(int)mode];

    public void MarkUsed(LockMode mode) => used |= 1 << (int)mode;

    public void MarkIfUnused(LockMode mode)
    {
        if (lists[(int)mode].First is null)
        {
            used &= ~(1 << (int)mode);
        }
    }

    /// <summary>
    /// Whether an older request excludes this mode. Asked before the entry itself is appended, everything here is
    /// older.
    /// </summary>
    public bool IsExcluded(LockMode mode) => (used & LockModes.ExcludedBy(mode)) != 0;

    /// <summary>Whether some request with a smaller id than the entry's excludes it.</summary>
    public bool IsBlocked(QueueEntry entry)
    {
        for (var excluding = used & LockModes.ExcludedBy(entry.Mode); excluding != 0; excluding &= excluding - 1)
        {
            if (lists[System.Numerics.BitOperations.TrailingZeroCount(excluding)].First!.Request.Id < entry.Request.Id)
            {
                return true;
            }
        }

        return false;
    }

    [InlineArray(LockModes.Count)]
    private struct Lists
    {
        private ModeList first;
    }
}
