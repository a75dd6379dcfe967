// Who waits for a request: those behind it whose locks conflict with its own. They may wait for others too.
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

internal static class Waiters
{
    /// <summary>The waiters among requests, oldest first, that a request stands in the way of.</summary>
    public static IReadOnlyList<RequestInfo> Of(RequestInfo one, IEnumerable<RequestInfo> others) =>
        [.. others.Where(other => !other.IsHeld && Number(other) > Number(one) && Conflict(one, other))];

    private static ulong Number(RequestInfo one) => ulong.TryParse(one.Id, out var number) ? number : 0;

    private static bool Conflict(RequestInfo a, RequestInfo b) =>
        a.Resources.Any(mine =>
            b.Resources.Any(theirs =>
                (mine.Type == "write" || theirs.Type == "write") && Overlap(mine.Path, theirs.Path)
            )
        );

    private static bool Overlap(IReadOnlyList<string> a, IReadOnlyList<string> b) =>
        a.Take(b.Count).SequenceEqual(b.Take(a.Count), StringComparer.Ordinal);
}
