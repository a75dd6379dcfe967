// From what clients wrote down to operations. An operation whose outcome nobody knows may take effect at any time after
// its call, or never.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>An administrator's order to end a request at once.</summary>
/// <param name="Outcome">The answer; null if the outcome is unknown.</param>
internal sealed record Revocation(string Namespace, ulong Id, double CalledAt, double AnsweredAt, string? Outcome);

/// <summary>Something that was read.</summary>
internal sealed record Reading(string Namespace, Operation Operation);

/// <summary>The history of one namespace.</summary>
internal sealed class NamespaceHistory
{
    private readonly List<Operation> operations = [];
    private readonly Dictionary<ulong, LockInfo> infos = [];
    private int keys;

    private NamespaceHistory(string name) => Name = name;

    /// <summary>The namespace.</summary>
    public string Name { get; }

    /// <summary>The operations in it.</summary>
    public IReadOnlyList<Operation> Operations => operations;

    /// <summary>The histories of all namespaces.</summary>
    /// <param name="attempts">What was locked. It must be all that ever was in these namespaces.</param>
    /// <param name="readings">The answers to queries.</param>
    /// <param name="revocations">What was taken away.</param>
    /// <param name="told">The ids that the cluster's own history has, by mark; null if that is not whole. It only tells
    /// whether what nobody was answered was carried out.</param>
    public static IReadOnlyList<NamespaceHistory> Of(
        IEnumerable<Attempt> attempts,
        IEnumerable<Reading> readings,
        IEnumerable<Revocation> revocations,
        IReadOnlyDictionary<string, ulong>? told = null
    )
    {
        var all = new SortedDictionary<string, NamespaceHistory>(StringComparer.Ordinal);
        NamespaceHistory In(string name) =>
            all.TryGetValue(name, out var known) ? known : all[name] = new NamespaceHistory(name);
        foreach (var attempt in attempts)
        {
            In(attempt.Namespace).Add(attempt, told);
        }

        foreach (var revocation in revocations)
        {
            In(revocation.Namespace).Add(revocation);
        }

        foreach (var reading in readings)
        {
            In(reading.Namespace).operations.Add(reading.Operation);
        }

        foreach (var history in all.Values)
        {
            history.DatePages();
        }

        return [.. all.Values];
    }

    private void Add(Attempt attempt, IReadOnlyDictionary<string, ulong>? told)
    {
        var info = new LockInfo(attempt.Resources) { Key = ++keys };
        var by = FormattableString.Invariant($"client {attempt.Client}");
        if (attempt.FirstAnswer == FirstAnswer.Busy)
        {
            operations.Add(new Busy(attempt.SentAt, attempt.AnsweredAt!.Value, info) { By = by });
            return;
        }

        var id = attempt.Id;
        if (id is null && told is not null)
        {
            if (!told.TryGetValue(attempt.Ref, out var given))
            {
                return;
            }

            id = given;
        }

        bool? isAcquired = attempt.FirstAnswer switch
        {
            FirstAnswer.Acquired => true,
            FirstAnswer.Enqueued => false,
            _ => attempt.WaitTimeoutMs == 0 ? true : null,
        };
        operations.Add(
            new Enter(attempt.SentAt, attempt.AnsweredAt ?? double.PositiveInfinity, info, id, isAcquired) { By = by }
        );
        info.MayEndFrom = MayEndFrom(attempt);
        if (attempt is { DowngradeSentAt: { } sent, DowngradedAt: null })
        {
            info.MayDowngradeFrom = sent;
        }

        if (attempt.Id is { } known)
        {
            infos.TryAdd(known, info);
            AddRest(attempt, known, by);
        }
    }

    // What the client was told after the first answer.
    private void AddRest(Attempt attempt, ulong id, string by)
    {
        if (attempt is { FirstAnswer: FirstAnswer.Enqueued, AcquiredAt: { } acquiredAt })
        {
            operations.Add(new Look(attempt.SentAt, acquiredAt, id, Standing.Acquired) { By = by });
        }

        if (attempt is { DowngradeSentAt: { } downgradeSent, DowngradedAt: { } downgradedAt })
        {
            operations.Add(new Downgrade(downgradeSent, downgradedAt, id) { By = by });
        }

        if (attempt.TimedOutAt is { } timedOutAt)
        {
            operations.Add(
                new Leave(attempt.SentAt + attempt.WaitTimeoutMs!.Value, timedOutAt, id, Exit.TimedOut) { By = by }
            );
        }
        else if (attempt is { ReleaseSentAt: { } releaseSent, ReleasedAt: { } releasedAt })
        {
            operations.Add(new Leave(releaseSent, releasedAt, id, Exit.Released) { By = by });
        }

        if (attempt.GoneAt is { } goneAt)
        {
            operations.Add(new Look(attempt.AnsweredAt!.Value, goneAt, id, Standing.Gone) { By = by, WasGiven = true });
        }
    }

    private void Add(Revocation revocation)
    {
        const string by = "an administrator";
        var info = infos.GetValueOrDefault(revocation.Id);
        switch (revocation.Outcome)
        {
            case "revoked":
                operations.Add(
                    new Leave(revocation.CalledAt, revocation.AnsweredAt, revocation.Id, Exit.Revoked) { By = by }
                );
                break;
            case "gone" or "released":
                operations.Add(
                    new Look(
                        revocation.CalledAt,
                        revocation.AnsweredAt,
                        revocation.Id,
                        Standing.Gone,
                        Where: "/v1/admin/revoke"
                    )
                    {
                        By = by,
                    }
                );
                break;
            default:
                if (info is not null)
                {
                    info.MayEndFrom = Math.Min(info.MayEndFrom, revocation.CalledAt);
                }

                break;
        }
    }

    // A confirmed end was no earlier than it was asked for: whoever confirms it had not given the lock away before.
    // Else the connection may have been lost, as the server sees it, as soon as the lock was sent: an acquired lock
    // outlives it by its abandon timeout, a waiter does not.
    private static double MayEndFrom(Attempt attempt)
    {
        if (attempt.ReleasedAt is not null || attempt.TimedOutAt is not null)
        {
            return double.PositiveInfinity;
        }

        var held = attempt.AcquiredAt is null ? 0 : attempt.AbandonTimeoutMs;
        return Math.Min(attempt.SentAt + held, attempt.ReleaseSentAt ?? double.PositiveInfinity);
    }

    // A page must show whoever is live of those that were answered before it was asked for.
    private void DatePages()
    {
        var answered = operations
            .OfType<Enter>()
            .Where(enter => enter.Id is not null)
            .OrderBy(enter => enter.Return)
            .ToArray();
        var greatest = new ulong[answered.Length + 1];
        for (var i = 0; i < answered.Length; i++)
        {
            greatest[i + 1] = Math.Max(greatest[i], answered[i].Id!.Value);
        }

        var returns = Array.ConvertAll(answered, enter => enter.Return);
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i] is Page page)
            {
                var before = Array.BinarySearch(returns, page.Call);
                operations[i] = page with { AtLeast = greatest[before < 0 ? ~before : before] };
            }
        }
    }
}
