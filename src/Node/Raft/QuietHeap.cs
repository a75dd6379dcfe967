// Restoring a state makes millions of objects, all of which stay: collecting in between finds nothing to free, and takes longer than
// everything else. So at a node's start, when nothing else goes on, the collector rests until the state is there or the memory is used up.
using System.Runtime;

namespace RaftLocks.Node.Raft;

internal readonly struct QuietHeap : IDisposable
{
    // A live request takes about ten times as much memory as it does in a snapshot; what is not foreseen is merely collected as usual.
    private const int BytesPerSnapshotByte = 8;
    private const long WorthIt = 4L << 20;

    /// <summary>Rests while a snapshot of so many bytes is restored, if the collector agrees.</summary>
    public static QuietHeap During(long snapshotBytes)
    {
        var bytes = Math.Min(snapshotBytes * BytesPerSnapshotByte, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);
        if (snapshotBytes >= WorthIt)
        {
            try
            {
                GC.TryStartNoGCRegion(bytes, disallowFullBlockingGC: true);
            }
            catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidOperationException)
            {
                // More than it can promise, or it rests already.
            }
        }

        return default;
    }

    public void Dispose()
    {
        // It may have begun again by itself, when the memory was used up.
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            GC.EndNoGCRegion();
        }
    }
}
