// All namespaces: takes in what a base says, plays the events of each record, and says in a sentence what contradicts the one rule.
using RaftLocks.StateMachine;

namespace RaftLocks.Ledger.Proof;

internal sealed class StateCheck
{
    private readonly Dictionary<byte[], SpaceCheck> spaces = new(ByteKey.Comparer);
    private readonly List<Claim> due = [];
    private int dueNext;
    private long clockMs;
    private int level;

    public long Events { get; private set; }

    public long Grants { get; private set; }

    public int Live => spaces.Values.Sum(space => space.Count);

    /// <summary>Begins with what a base says; null, or what is wrong with it.</summary>
    public string? Load(SnapshotReader snapshot)
    {
        spaces.Clear();
        (clockMs, level) = (snapshot.ClockMs, snapshot.FeatureLevel);
        while (snapshot.Namespaces > 0)
        {
            if (!snapshot.TryNamespace(out var name, out var lastId, out var count))
            {
                return "the base is damaged";
            }

            var space = new SpaceCheck(name.ToArray());
            if (!spaces.TryAdd(space.Name, space))
            {
                return "the base has a namespace twice";
            }

            for (; count > 0; count--)
            {
                if (!snapshot.TryRequest(out var request) || request.Id <= space.LastId || request.Id > lastId)
                {
                    return "the base is damaged";
                }

                var claim = new Claim
                {
                    Space = space,
                    Id = request.Id,
                    Session = request.Session,
                    AbandonTimeoutMs = request.AbandonTimeoutMs,
                    WaitLimitMs = request.WaitLimitMs,
                    EnqueuedAtMs = request.EnqueuedAtMs,
                    Body = request.Body.ToArray(),
                };
                if (Begin(claim, request.GrantedAtMs) is { } wrong)
                {
                    return "in the base, " + wrong;
                }
            }

            space.LastId = lastId;
        }

        return snapshot.AtEnd ? null : "the base is damaged";
    }

    /// <summary>Compares what a base says with where the events have led; null, or what differs.</summary>
    public string? Compare(SnapshotReader snapshot)
    {
        if (snapshot.ClockMs != clockMs || snapshot.FeatureLevel != level || snapshot.Live != (ulong)Live || snapshot.Namespaces != (ulong)spaces.Count)
        {
            return $"the base has {snapshot.Live} live requests in {snapshot.Namespaces} namespaces at clock {snapshot.ClockMs}, the events lead to {Live} in {spaces.Count} at {clockMs}";
        }

        while (snapshot.Namespaces > 0)
        {
            if (!snapshot.TryNamespace(out var name, out var lastId, out var count) || !TryFind(name, out var space) || space.LastId != lastId)
            {
                return "the base has other namespaces than the events lead to";
            }

            for (; count > 0; count--)
            {
                if (!snapshot.TryRequest(out var request) || space.Find(request.Id) is not { } claim)
                {
                    return "the base has other live requests than the events lead to";
                }

                if (claim.Session != request.Session || claim.AbandonTimeoutMs != request.AbandonTimeoutMs || claim.WaitLimitMs != request.WaitLimitMs
                    || claim.EnqueuedAtMs != request.EnqueuedAtMs || claim.GrantedAtMs != request.GrantedAtMs || !request.Body.SequenceEqual(claim.Body))
                {
                    return $"the base has {claim} otherwise than the events have it";
                }
            }
        }

        return null;
    }

    /// <summary>Plays a record; null, or what contradicts the rule.</summary>
    public string? Apply(in RecordItem item)
    {
        if (RecordEvents.TryOpen(item, out var events) is { } unreadable)
        {
            return unreadable;
        }

        if (events.ClockMs < clockMs)
        {
            return $"the clock runs backwards, from {clockMs} to {events.ClockMs}";
        }

        clockMs = events.ClockMs;
        string? mistake;
        while (events.TryNext(out var told, out mistake))
        {
            if (Apply(told) is { } wrong)
            {
                return wrong;
            }

            Events++;
        }

        return mistake ?? (Due is { } left ? NotGranted(left) : null);
    }

    private Claim? Due => dueNext < due.Count ? due[dueNext] : null;

    private string? Apply(in ToldEvent happened)
    {
        if (happened is { Kind: EventKind.Acquired, Begins: false })
        {
            return Grant(happened);
        }

        if (Due is { } left)
        {
            return NotGranted(left);
        }

        return happened.Kind switch
        {
            EventKind.FeatureLevelRaised => Raise(happened.Level),
            EventKind.Enqueued or EventKind.Acquired => Begin(happened),
            EventKind.Released or EventKind.Abandoned when !happened.Begins => End(happened),
            EventKind.TimedOut or EventKind.Revoked or EventKind.Downgraded when level < 2 => $"{happened.Kind} is said at feature level {level}",
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

    private string? Begin(in ToldEvent happened)
    {
        if (!TryFind(happened.Namespace, out var space))
        {
            space = new SpaceCheck(happened.Namespace.ToArray());
            spaces.Add(space.Name, space);
        }

        var claim = new Claim
        {
            Space = space,
            Id = happened.Id,
            Session = happened.Session,
            AbandonTimeoutMs = happened.AbandonTimeoutMs,
            WaitLimitMs = happened.WaitLimitMs,
            EnqueuedAtMs = clockMs,
            Body = happened.Body.ToArray(),
        };
        return claim.Id == space.LastId + 1
            ? Begin(claim, happened.Kind == EventKind.Acquired ? clockMs : -1)
            : $"{claim} begins, but the last number in this namespace was {space.LastId}";
    }

    private string? Begin(Claim claim, long grantedAtMs)
    {
        var blocker = claim.Space.Begin(claim);
        if (grantedAtMs >= 0)
        {
            SpaceCheck.Grant(claim, grantedAtMs);
            Grants++;
            return blocker is null ? null : Overtaken(claim, blocker);
        }

        if (blocker is null)
        {
            return $"{claim} waits, but no older request conflicts with it";
        }

        SpaceCheck.Wait(claim);
        return claim.WaitLimitMs == 0 ? $"{claim} waits, though it was not to" : null;
    }

    private string? Grant(in ToldEvent happened)
    {
        if (FindLive(happened, out var wrong) is not { } claim)
        {
            return wrong;
        }

        if (claim != Due)
        {
            return claim.IsGranted ? $"{claim} is granted a second time"
                : claim.Space.FindBlocker(claim) is { } blocker ? Overtaken(claim, blocker)
                : Due is { } first ? $"{claim} is granted before {first}, which is older" : $"{claim} is granted though nothing has ended";
        }

        dueNext++;
        SpaceCheck.Grant(claim, clockMs);
        Grants++;
        return null;
    }

    private string? End(in ToldEvent happened)
    {
        if (FindLive(happened, out var wrong) is not { } claim)
        {
            return wrong;
        }

        due.Clear();
        dueNext = 0;
        claim.Space.End(claim, due);
        return null;
    }

    private string? TimeOut(in ToldEvent happened)
    {
        if (FindLive(happened, out var wrong) is not { } claim)
        {
            return wrong;
        }

        return claim.IsGranted ? $"{claim} is said to have waited too long, but it is granted"
            : claim.WaitLimitMs <= 0 ? $"{claim} is said to have waited too long, but may wait for ever"
            : End(happened);
    }

    private string? Downgrade(in ToldEvent happened)
    {
        // Before the details are compared: they are those of afterwards.
        if (!TryFind(happened.Namespace, out var space) || space.Find(happened.Id) is not { } claim)
        {
            return NotLive(happened);
        }

        due.Clear();
        dueNext = 0;
        return !claim.IsGranted ? $"{claim} is downgraded while it waits"
            : !space.Downgrade(claim, due) ? $"{claim} is downgraded, but has nothing to write"
            : FindLive(happened, out var wrong) is null ? wrong : null;
    }

    private Claim? FindLive(in ToldEvent happened, out string? wrong)
    {
        wrong = null;
        if (!TryFind(happened.Namespace, out var space) || space.Find(happened.Id) is not { } claim)
        {
            wrong = NotLive(happened);
            return null;
        }

        var grantedAtMs = happened.Kind == EventKind.Acquired ? clockMs : claim.GrantedAtMs;
        if (happened.HasDetails && (happened.Session != claim.Session || happened.EnqueuedAtMs != claim.EnqueuedAtMs
            || happened.GrantedAtMs != grantedAtMs || !happened.Body.SequenceEqual(claim.Body)))
        {
            wrong = $"{claim} is said to be {happened.Kind} with other details than it began with";
            return null;
        }

        return claim;
    }

    private static string NotLive(in ToldEvent happened) =>
        $"{System.Text.Encoding.UTF8.GetString(happened.Namespace)}#{happened.Id} is said to be {happened.Kind}, but is not live";

    private bool TryFind(ReadOnlySpan<byte> name, out SpaceCheck space) =>
        spaces.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out space!);

    private static string Overtaken(Claim claim, Claim blocker) => blocker.IsGranted
        ? $"mutual exclusion is broken: {claim} is granted while {blocker} holds what it conflicts with"
        : $"the order is broken: {claim} is granted while {blocker}, which is older and conflicts with it, waits";

    private static string NotGranted(Claim left) => $"{left} is not granted, though nothing older conflicts with it any more";
}
