// A client of the library knows that its lock is lost before another has it, and loses none that the cluster had to
// keep. What it found by looking (IsLost) is checked always, after a pause of its process too; when Lost fired only if
// the process was scheduled, for more is not promised.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Checks what clients of the library believed.</summary>
public static class LossCheck
{
    // What the library says where its own clock took the lock away, as it must without an answer. Whatever else it says
    // is the cluster's doing.
    private const string NoAnswer = "has not answered for almost the abandon timeout";

    // The library gives up a tenth of the timeout early; a process that missed less than half of that had time to
    // notice.
    private const double ScheduledPart = 0.05;

    /// <summary>Returns all violations.</summary>
    public static IEnumerable<Violation> Check(IReadOnlyList<Request> history)
    {
        var granted = history
            .Where(request => request is { Id: not null, AcquiredAt: not null })
            .OrderBy(request => request.AcquiredAt)
            .ToArray();
        var grantedAt = granted.Select(request => request.AcquiredAt!.Value).ToArray();
        foreach (var request in history)
        {
            if (request.HolderView is not { } holderView)
            {
                continue;
            }

            if (holderView.LossReason is { } reason && !reason.Contains(NoAnswer, StringComparison.Ordinal))
            {
                yield return new Violation("a session keeps what it has", request.ToString());
            }

            if (holderView is { FoundLostAt: not null, LostAt: null })
            {
                yield return new Violation("Lost fires", request.ToString());
            }

            var believedUntil = WasScheduled(request)
                ? Math.Max(holderView.HeldAt, holderView.LostAt ?? 0)
                : holderView.HeldAt;
            for (
                var i = FirstAfter(grantedAt, request.AcquiredAt!.Value);
                i < granted.Length && grantedAt[i] < believedUntil;
                i++
            )
            {
                if (granted[i].Id > request.Id && granted[i].ConflictsWith(request))
                {
                    var promise =
                        grantedAt[i] < holderView.HeldAt
                            ? "nobody believes in a lock that has passed on"
                            : "Lost fires before the lock passes on";
                    yield return new Violation(promise, $"{granted[i]} was granted, and {request}");
                    break;
                }
            }
        }
    }

    /// <summary>Whether the moment at which <c>Lost</c> fired may be checked.</summary>
    public static bool WasScheduled(Request request) =>
        request.HolderView!.LongestGapMs < request.AbandonTimeoutMs * ScheduledPart;

    private static int FirstAfter(double[] sorted, double value)
    {
        var at = Array.BinarySearch(sorted, value);
        return at < 0 ? ~at : at;
    }
}
