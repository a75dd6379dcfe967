// Nothing acknowledged is lost: every grant and every release that a client was told of is in the history that the cluster itself tells. What a
// client saw is compared with what the replicated log holds in the end, after all crashes.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers;

/// <summary>What a node's history tells of one event.</summary>
/// <param name="Namespace">Where.</param>
/// <param name="Id">Which request.</param>
/// <param name="Name">What happened: <c>acquired</c>, <c>released</c>, …</param>
public sealed record ToldEvent(string Namespace, ulong Id, string Name);

/// <summary>Compares acknowledgements with the history.</summary>
public static class AcknowledgedCheck
{
    /// <summary>All violations.</summary>
    public static IEnumerable<Violation> Check(IEnumerable<Request> history, IReadOnlySet<ToldEvent> told)
    {
        foreach (var request in history.Where(request => request.Id is not null))
        {
            var (ns, id) = (request.Namespace, request.Id!.Value);
            if (!told.Contains(new ToldEvent(ns, id, "acquired")))
            {
                if (request.AcquiredAt is not null)
                {
                    yield return new Violation("no grant is lost", $"the cluster knows nothing of it: {request}");
                }
                else if (!told.Contains(new ToldEvent(ns, id, "enqueued")))
                {
                    yield return new Violation("no place is lost", $"the cluster knows nothing of it: {request}");
                }
            }

            if (request.ReleasedAt is not null && !told.Contains(new ToldEvent(ns, id, "released")))
            {
                yield return new Violation("no release is lost", $"the cluster knows nothing of it: {request}");
            }
        }
    }
}
