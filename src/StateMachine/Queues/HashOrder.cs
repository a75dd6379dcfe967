// An order of the items of hash tables that stays the same while the tables grow: by the hash with its bits reversed. A
// table of 2^k buckets keeps an item by the lowest k bits of its hash, so a bucket holds one unbroken range of this
// order, and growing cuts each range in two. A walk through the order, range by range, visits each item that is there
// all the time, and none twice. (The same idea is behind Redis's SCAN.)
namespace RaftLocks.StateMachine.Queues;

internal static class HashOrder
{
    /// <summary>The end of the order, behind the last place.</summary>
    public const long End = 1L << 32;

    /// <summary>An item's place.</summary>
    public static long PlaceOf(uint hash)
    {
        hash = ((hash >> 1) & 0x5555_5555) | ((hash & 0x5555_5555) << 1);
        hash = ((hash >> 2) & 0x3333_3333) | ((hash & 0x3333_3333) << 2);
        hash = ((hash >> 4) & 0x0F0F_0F0F) | ((hash & 0x0F0F_0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(hash);
    }

    /// <summary>How many places a bucket covers.</summary>
    public static long BucketWidth(int bucketCount) => End / bucketCount;

    /// <summary>The bucket that covers a place.</summary>
    public static int BucketAt(long place, int bucketCount) => (int)(PlaceOf((uint)place) & (bucketCount - 1));

    /// <summary>Some places one after the other, within one bucket of each table that is asked.</summary>
    /// <param name="From">The first.</param>
    /// <param name="To">The end, behind the last.</param>
    public readonly record struct Range(long From, long To)
    {
        public bool Contains(uint hash) => PlaceOf(hash) is var place && place >= From && place < To;
    }
}
