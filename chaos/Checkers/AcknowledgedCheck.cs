// Nothing acknowledged is lost: every lock and every release that a client was told about is in the history of the
// cluster itself. What a client saw is compared with what the replicated log holds in the end, after all crashes.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers;

/// <summary>What a node's history reports one event.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Id">The id of the request.</param>
/// <param name="Name">What happened: <c>acquired</c>, <c>released</c>, …</param>
public sealed record ReportedEvent(string Namespace, ulong Id, string Name);

/// <summary>Compares acknowledgements with the history.</summary>
public static class AcknowledgedCheck
{
    /// <summary>Returns all violations.</summary>
    public static IEnumerable<Violation> Check(IEnumerable<Request> history, IReadOnlySet<ReportedEvent> told)
    {
        foreach (var request in history.Where(request => request.Id is not null))
        {
            var (ns, id) = (request.Namespace, request.Id!.Value);
            if (!told.Contains(new ReportedEvent(ns, id, "acquired")))
            {
                if (request.AcquiredAt is not null)
                {
                    yield return new Violation("no grant is lost", $"the cluster knows nothing of it: {request}");
                }
                else if (!told.Contains(new ReportedEvent(ns, id, "enqueued")))
                {
                    yield return new Violation("no place is lost", $"the cluster knows nothing of it: {request}");
                }
            }

            if (request.ReleasedAt is not null && !told.Contains(new ReportedEvent(ns, id, "released")))
            {
                yield return new Violation("no release is lost", $"the cluster knows nothing of it: {request}");
            }
        }
    }
}
