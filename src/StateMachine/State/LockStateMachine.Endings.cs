// The commands that end or reduce a live request, and unblock others: release, abandon, timeout, revoke, downgrade. A
// command of feature level 2 that meets a lower level is rejected: no leader proposes one, and builds that don't know
// it halt. So those that do know it agree with each other.
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

public sealed partial class LockStateMachine
{
    private void End(LockRequest? request, EventKind how, in DecodedCommand command, int ordinal, EventList events)
    {
        if (request is null)
        {
            var bySession = command.Kind == CommandKind.Release;
            Reject(bySession ? RejectReason.NothingLive : RejectReason.NoSuchRequest, ordinal, events);
            return;
        }

        Leave(request);
        ledger.Record(how, request, command.Principal);
        if (how == EventKind.Revoked)
        {
            ledger.AddReason(command.Reason);
        }

        events.Add(new LockEvent(how, ordinal, IsReply: true, RejectReason.None, request));
        AcquireUnblocked(ordinal, events);
    }

    private void TimeOut(LockRequest? request, in DecodedCommand command, int ordinal, EventList events)
    {
        if (request is not null && (request.IsAcquired || request.WaitLimitMs < 0))
        {
            Reject(request.IsAcquired ? RejectReason.NotWaiting : RejectReason.NoWaitLimit, ordinal, events, request);
            return;
        }

        End(request, EventKind.TimedOut, command, ordinal, events);
    }

    private void Downgrade(LockRequest? request, in DecodedCommand command, long index, int ordinal, EventList events)
    {
        if (request is not { IsAcquired: true })
        {
            Reject(request is null ? RejectReason.NoSuchRequest : RejectReason.NotAcquired, ordinal, events, request);
            return;
        }

        var before = request.DigestPart;
        if (!request.TryDowngrade(index, ordinal, request.Owner.NameHash))
        {
            Reject(RejectReason.OnlyReads, ordinal, events, request);
            return;
        }

        sum += request.DigestPart - before;
        unblocked.Clear();
        LockTree.Downgrade(request, unblocked);
        ledger.Record(EventKind.Downgraded, request, command.Principal);
        events.Add(new LockEvent(EventKind.Downgraded, ordinal, IsReply: true, RejectReason.None, request));
        AcquireUnblocked(ordinal, events);
    }

    private void Leave(LockRequest request)
    {
        sum -= request.DigestPart;
        live.Remove(request);
        unblocked.Clear();
        tree.Remove(request, unblocked);
        namespaces.CacheIfEmpty(request.Owner);
    }

    private void AcquireUnblocked(int ordinal, EventList events)
    {
        if (unblocked.Count > 1)
        {
            unblocked.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        }

        foreach (var next in unblocked)
        {
            sum -= next.DigestPart;
            live.MarkAcquired(next, ClockMs);
            sum += next.DigestPart;
            ledger.Record(EventKind.Acquired, next);
            events.Add(new LockEvent(EventKind.Acquired, ordinal, IsReply: false, RejectReason.None, next));
        }

        unblocked.Clear();
    }
}
