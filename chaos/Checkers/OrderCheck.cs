// Mutual exclusion, order, and that nothing acknowledged is lost, from the clients' own view alone. Each rule only uses
// what a client knows for certain, so that what it reports is a violation whatever the clocks of the nodes did:
//
// exclusion Of two that conflict, the one with the smaller id holds until it has sent a release that is confirmed: a
// server that
//              confirms it had not given the lock away before.
//   order      One with a smaller id that still waits blocks as well, until it leaves.
// held A client that loses its connection holds on for its abandon timeout, which can't have begun to run before it
// sent
// its lock message. More than that is not known: its server may have been cut off for long, and another have taken
// over.
//
// "Acquired" proves that its reader holds when it reads it, if it came from the leader itself: the links to clients are
// never hurt. One that was forwarded may have waited between two nodes for as long as they could not hear each other,
// and outlive its sender there; then only when it was asked for is known.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Checks pairs of requests that conflict.</summary>
public static class OrderCheck
{
    /// <summary>Returns all violations.</summary>
    /// <param name="history">What the clients recorded.</param>
    /// <param name="forwarded">Whether followers forwarded to the leader what clients said, and what they were
    /// told.</param>
    public static IEnumerable<Violation> Check(IReadOnlyList<Request> history, bool forwarded = false)
    {
        foreach (
            var inNamespace in history
                .Where(request => request.Id is not null)
                .GroupBy(request => request.Namespace, StringComparer.Ordinal)
        )
        {
            foreach (var violation in CheckNamespace([.. inNamespace.OrderBy(request => request.Id)], forwarded))
            {
                yield return violation;
            }
        }
    }

    /// <summary>Until when a request certainly blocks younger ones.</summary>
    internal static double BlocksUntil(Request older, bool forwarded = false)
    {
        if (older is { Ending: Ending.Release, ReleasedAt: not null })
        {
            return older.EndedAt!.Value;
        }

        if (older.AcquiredAt is not { } acquiredAt)
        {
            return forwarded ? older.SentAt : older.SeenAt!.Value;
        }

        var held = Math.Max(forwarded ? older.SentAt : acquiredAt, older.SentAt + older.AbandonTimeoutMs);
        return older.Ending == Ending.Release ? Math.Min(held, older.EndedAt!.Value) : held;
    }

    private static IEnumerable<Violation> CheckNamespace(Request[] byId, bool forwarded)
    {
        // A request can only be met too early by a younger one that was acquired before it stopped blocking. What
        // stopped blocking before the earliest grant among all younger ones is out of the question, and so each is
        // compared with few.
        var earliestGrantFrom = new double[byId.Length + 1];
        earliestGrantFrom[^1] = double.PositiveInfinity;
        for (var i = byId.Length - 1; i >= 0; i--)
        {
            earliestGrantFrom[i] = Math.Min(earliestGrantFrom[i + 1], byId[i].AcquiredAt ?? double.PositiveInfinity);
        }

        for (var i = 0; i < byId.Length; i++)
        {
            var older = byId[i];
            var until = BlocksUntil(older, forwarded);
            for (var j = i + 1; j < byId.Length && earliestGrantFrom[j] < until; j++)
            {
                var younger = byId[j];
                if (younger.AcquiredAt < until && older.ConflictsWith(younger))
                {
                    yield return new Violation(
                        PromiseOf(older, younger),
                        $"{younger} was granted while it had to wait for {older}"
                    );
                }
            }
        }
    }

    private static string PromiseOf(Request older, Request younger) =>
        older.AcquiredAt is null || older.AcquiredAt > younger.AcquiredAt ? "order"
        : older.ReleasedAt is not null ? "exclusion"
        : "held";
}
