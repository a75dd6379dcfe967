// What somebody was told is what the cluster holds: every acknowledged command is in the history, once, with the event
// that was told, and in the order in which it was acknowledged; a command that was dropped is not in it; nobody is told
// twice.
using RaftLocks.ManyClusters.World;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.ManyClusters.Checkers;

/// <summary>Compares what was told with what was applied.</summary>
internal static class AcknowledgedCheck
{
    /// <summary>Tells of everything that is not as it must be.</summary>
    public static void Check(
        IReadOnlyList<Proposal> proposals,
        IReadOnlyList<AppliedEntry> entries,
        Action<string, string> violation
    )
    {
        var begun = new Dictionary<UInt128, (long Index, ulong Id)>();
        var ended = new Dictionary<ulong, long>();
        foreach (var entry in entries)
        {
            foreach (var happened in entry.Events.Where(one => one.IsReply))
            {
                switch (happened.Kind)
                {
                    case EventKind.Enqueued or EventKind.Acquired:
                        if (!begun.TryAdd(happened.Session, (entry.Index, happened.Id)))
                        {
                            violation(
                                "no command is proposed twice",
                                $"session {happened.Session} begins again in entry {entry.Index}"
                            );
                        }

                        break;
                    case EventKind.Released or EventKind.Abandoned:
                        ended[happened.Id] = entry.Index;
                        break;
                }
            }
        }

        foreach (var proposal in proposals)
        {
            Check(proposal, begun, ended, violation);
        }

        CheckOrder(
            [
                .. proposals.Where(one =>
                    one is { IsLock: true, Fate: Fate.Applied, Told: EventKind.Enqueued or EventKind.Acquired }
                ),
            ],
            violation
        );
    }

    /// <summary>What was asked for after something else was acknowledged comes behind it.</summary>
    private static void CheckOrder(Proposal[] locks, Action<string, string> violation)
    {
        var told = locks.OrderBy(one => one.ToldAt).ToArray();
        var next = 0;
        Proposal? greatest = null;
        foreach (var asked in locks.OrderBy(one => one.SentAt))
        {
            for (; next < told.Length && told[next].ToldAt < asked.SentAt; next++)
            {
                greatest = told[next].Id > (greatest?.Id ?? 0) ? told[next] : greatest;
            }

            if (greatest?.Id >= asked.Id)
            {
                violation(
                    "what is acknowledged comes first",
                    $"{asked} was sent after {greatest} had been acknowledged"
                );
            }
        }
    }

    private static void Check(
        Proposal proposal,
        Dictionary<UInt128, (long Index, ulong Id)> begun,
        Dictionary<ulong, long> ended,
        Action<string, string> violation
    )
    {
        if (proposal.TimesTold > 1)
        {
            violation("a command's fate is told once", $"{proposal} was told {proposal.TimesTold} times");
        }

        if (proposal.IsLock)
        {
            var isThere = begun.TryGetValue(proposal.Session, out var found);
            if (
                proposal.Fate is Fate.Applied
                && proposal.Told is EventKind.Enqueued or EventKind.Acquired
                && (!isThere || found.Id != proposal.Id)
            )
            {
                violation(
                    "no acknowledged command is lost",
                    isThere ? $"{proposal} has id {found.Id} in entry {found.Index}" : $"{proposal} is not there"
                );
            }

            if (proposal.Fate is Fate.Dropped && isThere)
            {
                violation("a dropped command is never applied", $"{proposal} is in entry {found.Index}");
            }
        }
        else if (
            proposal.Fate is Fate.Applied
            && proposal.Told is EventKind.Released or EventKind.Abandoned
            && !ended.ContainsKey(proposal.Id)
        )
        {
            violation("no acknowledged command is lost", $"{proposal} is not there");
        }
    }
}
