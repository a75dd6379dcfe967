// Ids name one request each, and only grow: whoever asked after another was answered has the greater one. Over restarts
// and failovers too.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Checks the numbers of requests.</summary>
public static class IdCheck
{
    /// <summary>Returns all violations.</summary>
    public static IEnumerable<Violation> Check(IReadOnlyList<Request> history)
    {
        foreach (
            var inNamespace in history
                .Where(request => request.Id is not null)
                .GroupBy(request => request.Namespace, StringComparer.Ordinal)
        )
        {
            foreach (var same in inNamespace.GroupBy(request => request.Id).Where(group => group.Count() > 1))
            {
                yield return new Violation("ids are used once", string.Join(" and ", same));
            }

            var answered = inNamespace.OrderBy(request => request.SeenAt).ToArray();
            var next = 0;
            Request? greatest = null;
            foreach (var asked in inNamespace.OrderBy(request => request.SentAt))
            {
                while (next < answered.Length && answered[next].SeenAt < asked.SentAt)
                {
                    greatest = greatest is null || answered[next].Id > greatest.Id ? answered[next] : greatest;
                    next++;
                }

                if (greatest?.Id >= asked.Id)
                {
                    yield return new Violation("ids only grow", $"{asked} was sent after {greatest} had been answered");
                }
            }
        }
    }
}
