// All namespaces: takes in what a checkpoint says, plays the events of each record, and says in a sentence what
// contradicts the one rule.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Proof;

internal sealed class StateVerifier
{
    private readonly Dictionary<byte[], NamespaceVerifier> spaces = new(ByteKey.Comparer);
    private readonly List<ProofRequest> due = [];
    private readonly AuthVerifier auth = new();
    private int dueNext;
    private long clockMs;
    private int level;

    public long Events { get; private set; }

    public long Grants { get; private set; }

    public int Live => spaces.Values.Sum(space => space.Count);

    /// <summary>Begins with what a checkpoint says; null, or what is wrong with it.</summary>
    public string? Load(SnapshotReader snapshot)
    {
        spaces.Clear();
        (clockMs, level) = (snapshot.ClockMs, snapshot.FeatureLevel);
        auth.Load(snapshot.Auth);
        while (snapshot.Namespaces > 0)
        {
            if (!snapshot.TryNamespace(out var name, out var lastId, out var count))
            {
                return "the base is damaged";
            }

            var space = new NamespaceVerifier(name.ToArray());
            if (!spaces.TryAdd(space.Name, space))
            {
                return "the base has a namespace twice";
            }

            for (; count > 0; count--)
            {
                if (!snapshot.TryRequest(out var saved) || saved.Id <= space.LastId || saved.Id > lastId)
                {
                    return "the base is damaged";
                }

                var request = new ProofRequest
                {
                    Space = space,
                    Id = saved.Id,
                    Session = saved.Session,
                    AbandonTimeoutMs = saved.AbandonTimeoutMs,
                    WaitLimitMs = saved.WaitLimitMs,
                    EnqueuedAtMs = saved.EnqueuedAtMs,
                    Body = saved.Body.ToArray(),
                    Principal = saved.Principal.ToArray(),
                };
                if (Begin(request, saved.AcquiredAtMs) is { } wrong)
                {
                    return "in the base, " + wrong;
                }
            }

            space.LastId = lastId;
        }

        return snapshot.AtEnd ? null : "the base is damaged";
    }

    /// <summary>Compares what a checkpoint says with where the events have led; null, or what differs.</summary>
    public string? Compare(SnapshotReader snapshot)
    {
        if (
            snapshot.ClockMs != clockMs
            || snapshot.FeatureLevel != level
            || snapshot.Live != (ulong)Live
            || snapshot.Namespaces != (ulong)spaces.Count
        )
        {
            return $"the base has {snapshot.Live} live requests in {snapshot.Namespaces} namespaces at clock "
                + $"{snapshot.ClockMs}, the events lead to {Live} in {spaces.Count} at {clockMs}";
        }

        if (!auth.IsEqualTo(snapshot.Auth))
        {
            return "the base has other tokens or policies than the events lead to";
        }

        while (snapshot.Namespaces > 0)
        {
            if (
                !snapshot.TryNamespace(out var name, out var lastId, out var count)
                || !TryFind(name, out var space)
                || space.LastId != lastId
            )
            {
                return "the base has other namespaces than the events lead to";
            }

            for (; count > 0; count--)
            {
                if (!snapshot.TryRequest(out var saved) || space.Find(saved.Id) is not { } request)
                {
                    return "the base has other live requests than the events lead to";
                }

                if (
                    request.Session != saved.Session
                    || request.AbandonTimeoutMs != saved.AbandonTimeoutMs
                    || request.WaitLimitMs != saved.WaitLimitMs
                    || request.EnqueuedAtMs != saved.EnqueuedAtMs
                    || request.AcquiredAtMs != saved.AcquiredAtMs
                    || !saved.Body.SequenceEqual(request.Body)
                    || !saved.Principal.SequenceEqual(request.Principal)
                )
                {
                    return $"the base has {request} otherwise than the events have it";
                }
            }
        }

        return null;
    }

    /// <summary>Plays a record; null, or what contradicts the rule.</summary>
    public string? Apply(in RecordItem item)
    {
        if (RecordEvents.Open(item, out var events) is { } unreadable)
        {
            return unreadable;
        }

        if (events.ClockMs < clockMs)
        {
            return $"the clock runs backwards, from {clockMs} to {events.ClockMs}";
        }

        clockMs = events.ClockMs;
        while (events.TryNext(out var told))
        {
            if (Apply(told) is { } wrong)
            {
                return wrong;
            }

            Events++;
        }

        return events.Error ?? (Due is { } left ? NotAcquired(left) : null);
    }

    private ProofRequest? Due => dueNext < due.Count ? due[dueNext] : null;

    private string? Apply(in EventRecord happened)
    {
        if (happened is { Kind: EventKind.Acquired, Begins: false })
        {
            return Grant(happened);
        }

        if (Due is { } left)
        {
            return NotAcquired(left);
        }

        if (level < 3 && (happened.Kind.IsAuth() || !happened.Principal.IsEmpty))
        {
            return $"{happened.Kind} names a principal, a token or a policy at feature level {level}";
        }

        return happened.Kind switch
        {
            _ when happened.Kind.IsAuth() => auth.Apply(happened.Kind, happened.Payload),
            EventKind.FeatureLevelRaised => Raise(happened.Level),
            EventKind.Enqueued or EventKind.Acquired => Begin(happened),
            EventKind.Released or EventKind.Abandoned when !happened.Begins => End(happened),
            EventKind.TimedOut or EventKind.Revoked or EventKind.Downgraded when level < 2 =>
                $"{happened.Kind} is said at feature level {level}",
            EventKind.TimedOut when !happened.Begins => TimeOut(happened),
            EventKind.Revoked when !happened.Begins => End(happened),
            EventKind.Downgraded when !happened.Begins => Downgrade(happened),
            _ => $"this build can't judge the event {happened.Kind}",
        };
    }

    private string? Raise(int to)
    {
        if (to <= level)
        {
            return $"the feature level goes from {level} to {to}";
        }

        level = to;
        return null;
    }

    private string? Begin(in EventRecord happened)
    {
        if (!TryFind(happened.Namespace, out var space))
        {
            space = new NamespaceVerifier(happened.Namespace.ToArray());
            spaces.Add(space.Name, space);
        }

        var request = new ProofRequest
        {
            Space = space,
            Id = happened.Id,
            Session = happened.Session,
            AbandonTimeoutMs = happened.AbandonTimeoutMs,
            WaitLimitMs = happened.WaitLimitMs,
            EnqueuedAtMs = clockMs,
            Body = happened.Body.ToArray(),
            Principal = happened.Principal.ToArray(),
        };
        return request.Id == space.LastId + 1
            ? Begin(request, happened.Kind == EventKind.Acquired ? clockMs : -1)
            : $"{request} begins, but the last number in this namespace was {space.LastId}";
    }

    private string? Begin(ProofRequest request, long acquiredAtMs)
    {
        var blocker = request.Space.Begin(request);
        if (acquiredAtMs >= 0)
        {
            NamespaceVerifier.Grant(request, acquiredAtMs);
            Grants++;
            return blocker is null ? null : Overtaken(request, blocker);
        }

        if (blocker is null)
        {
            return $"{request} waits, but no older request conflicts with it";
        }

        NamespaceVerifier.Wait(request);
        return request.WaitLimitMs == 0 ? $"{request} waits, though it was not to" : null;
    }

    private string? Grant(in EventRecord happened)
    {
        if (FindLive(happened, out var request) is { } wrong)
        {
            return wrong;
        }

        if (request != Due)
        {
            return request.IsAcquired ? $"{request} is granted a second time"
                : request.Space.FindBlocker(request) is { } blocker ? Overtaken(request, blocker)
                : Due is { } first ? $"{request} is granted before {first}, which is older"
                : $"{request} is granted though nothing has ended";
        }

        dueNext++;
        NamespaceVerifier.Grant(request, clockMs);
        Grants++;
        return null;
    }

    private string? End(in EventRecord happened)
    {
        if (FindLive(happened, out var request) is { } wrong)
        {
            return wrong;
        }

        due.Clear();
        dueNext = 0;
        request.Space.End(request, due);
        return null;
    }

    private string? TimeOut(in EventRecord happened)
    {
        if (FindLive(happened, out var request) is { } wrong)
        {
            return wrong;
        }

        return request.IsAcquired ? $"{request} is said to have waited too long, but it is granted"
            : request.WaitLimitMs <= 0 ? $"{request} is said to have waited too long, but may wait for ever"
            : End(happened);
    }

    private string? Downgrade(in EventRecord happened)
    {
        // Before the details are compared: they describe the state after the event.
        if (!TryFind(happened.Namespace, out var space) || space.Find(happened.Id) is not { } request)
        {
            return NotLive(happened);
        }

        due.Clear();
        dueNext = 0;
        return !request.IsAcquired ? $"{request} is downgraded while it waits"
            : !space.Downgrade(request, due) ? $"{request} is downgraded, but has nothing to write"
            : FindLive(happened, out _);
    }

    private string? FindLive(in EventRecord happened, out ProofRequest request)
    {
        request = null!;
        if (!TryFind(happened.Namespace, out var space) || space.Find(happened.Id) is not { } found)
        {
            return NotLive(happened);
        }

        request = found;

        var acquiredAtMs = happened.Kind == EventKind.Acquired ? clockMs : request.AcquiredAtMs;
        if (
            happened.HasDetails
            && (
                happened.Session != request.Session
                || happened.EnqueuedAtMs != request.EnqueuedAtMs
                || happened.AcquiredAtMs != acquiredAtMs
                || !happened.Body.SequenceEqual(request.Body)
                || !happened.Holder.SequenceEqual(request.Principal)
            )
        )
        {
            return $"{request} is said to be {happened.Kind} with other details than it began with";
        }

        return null;
    }

    private static string NotLive(in EventRecord happened) =>
        $"{System.Text.Encoding.UTF8.GetString(happened.Namespace)}#{happened.Id} is said to be {happened.Kind}, "
        + "but is not live";

    private bool TryFind(ReadOnlySpan<byte> name, out NamespaceVerifier space) =>
        spaces.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out space!);

    private static string Overtaken(ProofRequest request, ProofRequest blocker) =>
        blocker.IsAcquired
            ? $"mutual exclusion is broken: {request} is granted while {blocker} holds what it conflicts with"
            : $"the order is broken: {request} is granted while {blocker}, which is older and conflicts with it, waits";

    private static string NotAcquired(ProofRequest left) =>
        $"{left} is not granted, though nothing older conflicts with it any more";
}
