// The last id that was seen in each namespace, so that readers ask about requests that may be live.
using System.Collections.Concurrent;

namespace RaftLocks.Chaos.Workload;

/// <summary>Ids that were seen.</summary>
internal sealed class QueueBoard
{
    private const int Behind = 6;

    private readonly ConcurrentDictionary<string, ulong> last = [];

    /// <summary>An id was seen.</summary>
    public void Saw(string ns, ulong id) => last.AddOrUpdate(ns, id, (_, known) => Math.Max(known, id));

    /// <summary>One of the last ids, or the next.</summary>
    public ulong OneOf(string ns, Random random) =>
        last.GetValueOrDefault(ns) + 1 - (ulong)random.Next((int)Math.Min(last.GetValueOrDefault(ns) + 1, Behind));
}
