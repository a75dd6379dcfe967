// Requests that an administrator wants to end: each is given its grace, then a command ends it, and whoever asked hears how it ended. A new leader
// knows nothing of it: then it is asked for again.
using System.Collections.Concurrent;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>How a revoke ended.</summary>
internal enum RevokeOutcome
{
    /// <summary>The client gave the lock up by itself.</summary>
    Released,

    /// <summary>It was taken away.</summary>
    Revoked,

    /// <summary>It ended otherwise: abandoned, or it had waited for too long.</summary>
    Gone,
}

/// <summary>Revokes of one leadership that are not over.</summary>
internal sealed class Revocations(LeaderSessions home, TimeProvider time)
{
    private readonly ConcurrentDictionary<LockRequest, Revocation> revocations = new();
    private int count;

    /// <summary>
    /// Begins a revoke; null if too many are on their way. To be called while the state stands still, with a request that is live. A second one of
    /// the same request may shorten the grace, not lengthen it.
    /// </summary>
    public Task<RevokeOutcome>? Begin(LockRequest request, ReadOnlyMemory<byte> reason, long graceMs)
    {
        if (Volatile.Read(ref count) >= Settings.Limits.MaxRevocations)
        {
            return null;
        }

        var now = home.Now;
        var endsAt = now + (long)(graceMs * (time.TimestampFrequency / 1000.0));
        if (!revocations.TryGetValue(request, out var revocation))
        {
            revocation = new Revocation(reason);
            revocations[request] = revocation;
            Interlocked.Increment(ref count);
            if (graceMs > 0)
            {
                home.OnRevoking(request, reason, graceMs);
            }
        }

        if (endsAt < revocation.GraceEndsAt)
        {
            if (revocation.Command is { } later)
            {
                home.Timers.Cancel(later);
            }

            revocation.GraceEndsAt = endsAt;
            revocation.Command = new RevokeProposal(home, request, reason);
            home.Timers.Add(revocation.Command, now, graceMs);
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
        leftMs = Math.Max(0, (long)time.GetElapsedTime(home.Now, revocation.GraceEndsAt).TotalMilliseconds);
        return true;
    }

    /// <summary>A request is live no more.</summary>
    public void OnLeft(LockRequest request, NodeEnd how)
    {
        if (Volatile.Read(ref count) > 0 && revocations.TryRemove(request, out var revocation))
        {
            Interlocked.Decrement(ref count);
            if (revocation.Command is { } command)
            {
                home.Timers.Cancel(command);
            }

            revocation.Outcome.TrySetResult(how switch
            {
                NodeEnd.None => RevokeOutcome.Released,
                NodeEnd.Revoked => RevokeOutcome.Revoked,
                _ => RevokeOutcome.Gone,
            });
        }
    }

    private sealed class Revocation(ReadOnlyMemory<byte> reason)
    {
        public ReadOnlyMemory<byte> Reason { get; } = reason;

        public long GraceEndsAt { get; set; } = long.MaxValue;

        public DueCommand? Command { get; set; }

        public TaskCompletionSource<RevokeOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
