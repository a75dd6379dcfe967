// Restoring a state makes millions of objects, all of which stay. Garbage collections in between find nothing to free,
// and take longer than everything else. So at a node's start, when nothing else runs, collection is off until the state
// is there or the memory is used up.
using System.Runtime;

namespace RaftLocks.Node.Raft.Storage;

internal readonly struct NoGcScope : IDisposable
{
    // A live request takes about ten times as much memory as it does in a snapshot; what is not foreseen is merely
    // collected as usual.
    private const int BytesPerSnapshotByte = 8;
    private const long WorthIt = 4L << 20;

    /// <summary>Switches collection off while a snapshot of so many bytes is restored, if the runtime can.</summary>
    public static NoGcScope During(long snapshotBytes)
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
                // More memory than the runtime can reserve, or collection is off already.
            }
        }

        return default;
    }

    public void Dispose()
    {
        // Collection may be on again by itself, when the memory was used up.
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            GC.EndNoGCRegion();
        }
    }
}
