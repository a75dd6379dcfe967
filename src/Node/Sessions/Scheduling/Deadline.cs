// When the leader ends a request by itself: the rule for each timeout, how long it is and from when it runs, stands
// here and nowhere else.
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Sessions.Scheduling;

/// <summary>A time by the monotonic clock.</summary>
/// <param name="Since">Reading of the clock from which the time runs.</param>
/// <param name="AfterMs">How long it runs, ms.</param>
internal readonly record struct Deadline(long Since, long AfterMs)
{
    /// <summary>A time that has come.</summary>
    public static readonly Deadline Now = new(long.MinValue, 0);

    /// <summary>When a request is abandoned whose connection is gone.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isAcquired">Whether it is held. One that waits is ended at once if nobody can come back for
    /// it.</param>
    /// <param name="since">When the connection ended, or this leadership began without it.</param>
    /// <param name="leastMs">How long a leader that was deposed without knowing it may serve the connection.</param>
    public static Deadline OfAbandon(LockRequest request, bool isAcquired, long since, long leastMs = 0) =>
        isAcquired || request.Session.Resumable ? new(since, Math.Max(request.AbandonTimeoutMs, leastMs)) : Now;

    /// <summary>When a request has waited for too long; null if it may wait for ever.</summary>
    /// <param name="request">The request.</param>
    /// <param name="since">When its wait began, or this leadership.</param>
    public static Deadline? OfWait(LockRequest request, long since) =>
        request.WaitLimitMs > 0 ? new(since, request.WaitLimitMs) : null;

    /// <summary>When a request is revoked.</summary>
    /// <param name="isAcquired">Whether it is held. Whoever waits has nothing to finish.</param>
    /// <param name="since">When that was asked for.</param>
    /// <param name="graceMs">How long a holder has to finish.</param>
    public static Deadline OfRevocation(bool isAcquired, long since, long graceMs) =>
        isAcquired && graceMs > 0 ? new(since, graceMs) : Now;
}
