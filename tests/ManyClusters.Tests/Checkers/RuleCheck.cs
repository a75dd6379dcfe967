// The history that the cluster has applied, against the one rule: a request is acquired exactly when no live request
// with a smaller id conflicts with it. Written anew and plainly, so that it shares no error with the state machine;
// each request locks one path.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.ManyClusters.Checkers;

/// <summary>Plays a history again.</summary>
internal static class RuleCheck
{
    /// <summary>Tells of everything that is not as it must be.</summary>
    public static void Check(IReadOnlyList<AppliedEntry> entries, Action<string, string> violation)
    {
        var live = new SortedList<ulong, AppliedEvent>();
        var granted = new HashSet<ulong>();
        var lastId = 0UL;
        var term = 0L;
        foreach (var entry in entries)
        {
            if (entry.Term < term)
            {
                violation("terms never decrease", $"entry {entry.Index} has term {entry.Term}, after term {term}");
            }

            term = entry.Term;
            foreach (var happened in entry.Events)
            {
                switch (happened.Kind)
                {
                    case EventKind.Enqueued:
                    case EventKind.Acquired when happened.IsReply:
                        if (happened.Id != lastId + 1)
                        {
                            violation(
                                "ids are used once, in order",
                                $"entry {entry.Index} has id {happened.Id} after {lastId}"
                            );
                        }

                        lastId = Math.Max(lastId, happened.Id);
                        live[happened.Id] = happened;
                        break;
                    case EventKind.Released or EventKind.Abandoned:
                        live.Remove(happened.Id);
                        granted.Remove(happened.Id);
                        break;
                }

                if (happened.Kind == EventKind.Acquired)
                {
                    granted.Add(happened.Id);
                }
            }

            Compare(entry, live, granted, violation);
        }
    }

    private static void Compare(
        AppliedEntry entry,
        SortedList<ulong, AppliedEvent> live,
        HashSet<ulong> granted,
        Action<string, string> violation
    )
    {
        for (var i = 0; i < live.Count; i++)
        {
            var request = live.Values[i];
            var mayHold = true;
            for (var older = 0; older < i && mayHold; older++)
            {
                mayHold = !Conflict(live.Values[older], request);
            }

            if (mayHold != granted.Contains(live.Keys[i]))
            {
                violation(
                    "the one rule",
                    $"after entry {entry.Index} request {request.Id} is {(mayHold ? "not " : "")}acquired"
                );
            }
        }
    }

    private static bool Conflict(AppliedEvent one, AppliedEvent other) =>
        (one.Writes || other.Writes) && (IsWithin(one.Path, other.Path) || IsWithin(other.Path, one.Path));

    private static bool IsWithin(string path, string above) =>
        path.StartsWith(above, StringComparison.Ordinal) && (path.Length == above.Length || path[above.Length] == '/');
}
