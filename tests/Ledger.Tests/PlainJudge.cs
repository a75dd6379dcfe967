// Whether a sequence of events keeps the one rule, found by asking it for each pair after each event. Quadratic and
// obviously right.
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Tests;

internal sealed class PlainJudge
{
    private readonly Dictionary<string, ulong> lastIds = [];
    private readonly List<(ModelRequest Request, bool IsAcquired)> live = [];
    private ulong level = 1;

    public static bool Holds(List<List<Told>> records)
    {
        var judge = new PlainJudge();
        return records.All(judge.Holds);
    }

    private bool Holds(List<Told> events)
    {
        foreach (var told in events)
        {
            var fits = told switch
            {
                { Kind: EventKind.Acquired, Begins: false } => Grant(told),
                _ when FirstToGrant() is not null => false,
                { Kind: EventKind.Enqueued or EventKind.Acquired, Begins: true } => Begin(told),
                { Kind: EventKind.Released or EventKind.Abandoned, Begins: false } => End(told),
                { Kind: EventKind.FeatureLevelRaised } => Raise(told),
                _ when level < 2 => false,
                { Kind: EventKind.Revoked, Begins: false } => End(told),
                { Kind: EventKind.TimedOut, Begins: false } => Find(told)
                    is { IsAcquired: false, Request.MayTimeOut: true }
                    && End(told),
                { Kind: EventKind.Downgraded, Begins: false } => Downgrade(told),
                _ => false,
            };
            if (!fits)
            {
                return false;
            }
        }

        return FirstToGrant() is null;
    }

    private bool Begin(Told told)
    {
        var request = new ModelRequest(told.Namespace, told.Id, 0, told.Resources, told.WaitLimitMs > 0);
        if (
            told.Id != lastIds.GetValueOrDefault(told.Namespace) + 1
            || (told.Kind == EventKind.Enqueued && told.WaitLimitMs == 0)
        )
        {
            return false;
        }

        lastIds[told.Namespace] = told.Id;
        var mayHave = !IsBlocked(request);
        live.Add((request, told.Kind == EventKind.Acquired));
        return mayHave == (told.Kind == EventKind.Acquired);
    }

    private bool Grant(Told told)
    {
        if (FirstToGrant() is not { } first || first.Namespace != told.Namespace || first.Id != told.Id)
        {
            return false;
        }

        live[live.FindIndex(one => one.Request == first)] = (first, true);
        return true;
    }

    private bool End(Told told) =>
        live.RemoveAll(one => one.Request.Namespace == told.Namespace && one.Request.Id == told.Id) == 1;

    private (ModelRequest Request, bool IsAcquired)? Find(Told told) =>
        live.FindIndex(one => one.Request.Namespace == told.Namespace && one.Request.Id == told.Id) is >= 0 and var at
            ? live[at]
            : null;

    private bool Downgrade(Told told)
    {
        if (Find(told) is not { IsAcquired: true } one || !one.Request.Resources.Any(r => r.IsWrite))
        {
            return false;
        }

        live[live.IndexOf(one)] = (
            one.Request with
            {
                Resources = [.. one.Request.Resources.Select(r => new ModelResource(IsWrite: false, r.Path))],
            },
            true
        );
        return true;
    }

    private bool Raise(Told told)
    {
        var isHigher = told.Id > level && told.Id <= int.MaxValue && told.Namespace.Length == 0;
        level = told.Id;
        return isHigher;
    }

    private ModelRequest? FirstToGrant() =>
        live.Where(one => !one.IsAcquired && !IsBlocked(one.Request))
            .Select(one => one.Request)
            .MinBy(request => request.Id);

    private bool IsBlocked(ModelRequest request) =>
        live.Any(other => other.Request.Id < request.Id && other.Request.ConflictsWith(request));
}
