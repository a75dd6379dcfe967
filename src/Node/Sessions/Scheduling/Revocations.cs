// Requests that an administrator wants to end: each is given its grace, then a command ends it, and whoever asked hears
// how it ended. A new leader knows nothing of it: then it is asked for again.
using System.Collections.Concurrent;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions.Scheduling;

/// <summary>The end of a revocation.</summary>
internal enum RevokeOutcome
{
    /// <summary>The client gave the lock up by itself.</summary>
    Released,

    /// <summary>It was taken away.</summary>
    Revoked,

    /// <summary>It ended otherwise: abandoned, or it had waited for too long.</summary>
    Gone,
}

/// <summary>An administrator's order to end a request.</summary>
/// <param name="Namespace">Where, UTF-8.</param>
/// <param name="Id">Which request.</param>
/// <param name="Reason">Why, UTF-8.</param>
/// <param name="GraceMs">How long a holder has to finish.</param>
/// <param name="Principal">Who wants it, UTF-8; empty where nobody was authenticated.</param>
internal sealed record RevokeOrder(
    ReadOnlyMemory<byte> Namespace,
    ulong Id,
    ReadOnlyMemory<byte> Reason,
    long GraceMs,
    ReadOnlyMemory<byte> Principal = default
);

/// <summary>A request as it stands in the state.</summary>
/// <param name="Request">The request; null if it is not live.</param>
/// <param name="IsAcquired">Whether it is held.</param>
internal readonly record struct FoundRequest(LockRequest? Request, bool IsAcquired)
{
    /// <summary>The request as it stands now; to be asked while the state stands still.</summary>
    public static FoundRequest Of(LockRequest? request) => new(request, request is { IsAcquired: true });
}

/// <summary>Revocations of one leadership that are not over.</summary>
internal sealed class Revocations(LeaderSessions home, TimeProvider time)
{
    // How a request that was being revoked ended, as the history tells it behind the reason.
    public static readonly byte[] Released = " (released in time)"u8.ToArray();
    public static readonly byte[] Abandoned = " (abandoned in the meantime)"u8.ToArray();

    private readonly OrderedLock gate = new(LockRank.Revocations);
    private readonly ConcurrentDictionary<LockRequest, Revocation> revocations = new();
    private int count;

    /// <summary>
    /// Begins to carry an order out; null if too many are being carried out. A second order about the same
    /// request may shorten the grace, not lengthen it.
    /// </summary>
    /// <param name="order">What is to be done.</param>
    /// <param name="find">Looks the request up in the state.</param>
    public Task<RevokeOutcome>? Begin(RevokeOrder order, Func<RevokeOrder, FoundRequest> find)
    {
        var found = find(order);
        if (found.Request is not { } request)
        {
            return Task.FromResult(RevokeOutcome.Gone);
        }

        if (Volatile.Read(ref count) >= Limits.MaxRevocations)
        {
            return null;
        }

        var deadline = Deadline.OfRevocation(found.IsAcquired, home.Now, order.GraceMs);
        var revocation = Enter(request, order, deadline, out var isNew, out var command, out var earlier);
        if (isNew && deadline.AfterMs > 0)
        {
            home.OnRevoking(request, order.Reason, deadline.AfterMs);
        }

        if (earlier is not null)
        {
            home.Deadlines.Cancel(earlier);
        }

        if (command is not null)
        {
            home.Deadlines.Add(command);
        }

        // Whatever ended before it was entered here was reported to nobody.
        if (find(order).Request != request)
        {
            OnLeft(request, TerminationReason.Abandoned);
        }

        return revocation.Outcome.Task.WaitAsync(home.Leadership.Ended);
    }

    /// <summary>Whether a request is being revoked, and how long it may still be held.</summary>
    public bool Find(LockRequest request, out ReadOnlyMemory<byte> reason, out long leftMs)
    {
        if (Volatile.Read(ref count) == 0 || !revocations.TryGetValue(request, out var revocation))
        {
            (reason, leftMs) = (default, 0);
            return false;
        }

        reason = revocation.Reason;
        leftMs = Math.Max(0, (long)time.GetElapsedTime(home.Now, revocation.EndsAt).TotalMilliseconds);
        return true;
    }

    /// <summary>
    /// The revocation to be recorded if the request ends by itself now; null if it is not being revoked.
    /// </summary>
    /// <param name="request">Which.</param>
    /// <param name="how">How it ends, written behind the reason where there is room.</param>
    public RevokeCommand? EndedBy(LockRequest request, byte[] how)
    {
        if (Volatile.Read(ref count) == 0 || !revocations.TryGetValue(request, out var revocation))
        {
            return null;
        }

        var reason = revocation.Reason;
        return new RevokeCommand(
            request.Namespace,
            request.Id,
            reason.Length + how.Length <= Limits.MaxRevokeReasonBytes ? (byte[])[.. reason.Span, .. how] : reason,
            revocation.Principal
        );
    }

    /// <summary>A request is live no more.</summary>
    public void OnLeft(LockRequest request, TerminationReason how)
    {
        if (Volatile.Read(ref count) == 0)
        {
            return;
        }

        ScheduledCommand? command;
        Revocation? revocation;
        using (gate.Enter())
        {
            if (!revocations.TryRemove(request, out revocation))
            {
                return;
            }

            Interlocked.Decrement(ref count);
            command = revocation.Command;
        }

        if (command is not null)
        {
            home.Deadlines.Cancel(command);
        }

        revocation.Outcome.TrySetResult(
            how switch
            {
                TerminationReason.None => RevokeOutcome.Released,
                TerminationReason.Revoked => RevokeOutcome.Revoked,
                _ => RevokeOutcome.Gone,
            }
        );
    }

    // The command that is to end the request, if there is none or its time would come later; and that one.
    private Revocation Enter(
        LockRequest request,
        RevokeOrder order,
        Deadline deadline,
        out bool isNew,
        out ScheduledCommand? command,
        out ScheduledCommand? earlier
    )
    {
        var endsAt =
            deadline == Deadline.Now
                ? home.Now
                : deadline.Since + (long)(deadline.AfterMs * (time.TimestampFrequency / 1000.0));
        using (gate.Enter())
        {
            isNew = !revocations.TryGetValue(request, out var revocation);
            if (revocation is null)
            {
                revocation = new Revocation(order.Reason, order.Principal);
                revocations[request] = revocation;
                Interlocked.Increment(ref count);
            }

            (command, earlier) = (null, null);
            if (endsAt < revocation.EndsAt)
            {
                earlier = revocation.Command;
                revocation.EndsAt = endsAt;
                command = revocation.Command = new RevokeProposal(home, request, order.Reason, order.Principal)
                {
                    Deadline = deadline,
                };
            }

            return revocation;
        }
    }

    private sealed class Revocation(ReadOnlyMemory<byte> reason, ReadOnlyMemory<byte> principal)
    {
        private long endsAt = long.MaxValue;

        public ReadOnlyMemory<byte> Reason { get; } = reason;

        public ReadOnlyMemory<byte> Principal { get; } = principal;

        /// <summary>Reading of the clock at which the grace ends.</summary>
        public long EndsAt
        {
            get => Volatile.Read(ref endsAt);
            set => Volatile.Write(ref endsAt, value);
        }

        public ScheduledCommand? Command { get; set; }

        public TaskCompletionSource<RevokeOutcome> Outcome { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
