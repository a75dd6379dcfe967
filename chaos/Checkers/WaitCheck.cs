// Nobody waits for a lock that is free: while the cluster is whole, whoever waits is acquired within a bound after the
// last of those who may be in the way has gone. From the clients' own view, so generous wherever a client can't know:
// one in the way stays there until its release is confirmed, or else, after it ended, for its abandon timeout, counted
// from the moment of calm at the earliest (a new leader gives it all).
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Checks the requests that waited in a time of calm.</summary>
/// <param name="FromMs">The time when the cluster was whole and no more faults were injected.</param>
/// <param name="ToMs">The time when this ended.</param>
/// <param name="BoundMs">How long a grant may take then.</param>
public sealed record WaitCheck(double FromMs, double ToMs, double BoundMs)
{
    // The bound within which a deposed leader gives up its sessions; its successor waits for as long at least.
    private const double DeposedMs = 3_000;

    /// <summary>Returns all violations.</summary>
    public IEnumerable<Violation> Check(IReadOnlyList<Request> history)
    {
        foreach (
            var waiter in history.Where(request =>
                request.Id is not null && WaitedUntil(request) - WaitedFrom(request) > BoundMs
            )
        )
        {
            var inTheWay = history.Where(other => MayBlock(other, waiter)).MaxBy(GoneAt);
            var freeAt = inTheWay is null ? 0 : GoneAt(inTheWay);
            if (WaitedUntil(waiter) - Math.Max(freeAt, WaitedFrom(waiter)) > BoundMs)
            {
                yield return new Violation(
                    "nobody waits for a free lock",
                    $"{waiter} still waited at {WaitedUntil(waiter):F0} ms; the last one in its way was "
                        + $"{inTheWay?.ToString() ?? "nobody"}"
                );
            }
        }
    }

    private double WaitedFrom(Request request) => Math.Max(FromMs, request.SeenAt!.Value);

    private double WaitedUntil(Request request) => Math.Min(ToMs, request.AcquiredAt ?? request.EndedAt ?? ToMs);

    private double GoneAt(Request request) =>
        request.ReleasedAt
        ?? (
            request.EndedAt is { } endedAt
                ? Math.Max(endedAt, FromMs) + request.AbandonTimeoutMs + DeposedMs
                : double.PositiveInfinity
        );

    // One whose number nobody knows may be older.
    private static bool MayBlock(Request other, Request waiter) =>
        other != waiter
        && (other.Id is { } id ? id < waiter.Id : other.SentAt < waiter.SeenAt)
        && other.ConflictsWith(waiter);
}
