// Follows this node's leaderships: which sessions there are now, and that all of them end with the leadership or the
// process.
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Sessions;

/// <summary>The sessions of the leadership that this node is in, if it is in one.</summary>
/// <param name="deposedLeaderClosesWithinMs">A leader that lost its quorum has closed its sessions after so
/// long.</param>
/// <param name="time">The clock.</param>
/// <param name="look">Looks a waiter's position in the queue up.</param>
internal sealed class SessionRegistry(
    long deposedLeaderClosesWithinMs,
    TimeProvider time,
    Func<LockRequest, QueuePosition> look
) : ILeadershipListener
{
    private static readonly TimeSpan CloseHandshake = TimeSpan.FromMilliseconds(Limits.CloseHandshakeMs);

    private volatile LeaderSessions? current;
    private volatile bool shuttingDown;
    private int connections;

    /// <summary>Where sessions can be opened; null while this node does not lead, or shuts down.</summary>
    public LeaderSessions? Current => shuttingDown ? null : current;

    /// <summary>Whether the process is about to end.</summary>
    public bool IsShuttingDown => shuttingDown;

    /// <summary>Open connections, those of earlier leaderships that are being closed too.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <inheritdoc/>
    public void OnGained(Leadership leadership, IReadOnlyList<LockRequest> live)
    {
        if (shuttingDown)
        {
            return;
        }

        var sessions = new LeaderSessions(leadership, time, look);
        sessions.AdoptFromLog(live, deposedLeaderClosesWithinMs);
        current = sessions;
        leadership.Ended.UnsafeRegister(
            static (state, _) => ((LeaderSessions)state!).CloseAll(CloseReason.LeadershipLost),
            sessions
        );
    }

    /// <inheritdoc/>
    public void OnLost(Leadership leadership)
    {
        if (current is not { } lost || lost.Leadership != leadership)
        {
            return;
        }

        current = null;
        lost.CloseAll(CloseReason.LeadershipLost);
        _ = BreakOffLateAsync(lost);
    }

    /// <inheritdoc/>
    public void OnAcquired(LockRequest acquired) => current?.OnAcquired(acquired);

    /// <summary>Counts a connection if there is room for it.</summary>
    public bool TryEnter(int maxConnections)
    {
        if (Interlocked.Increment(ref connections) <= maxConnections)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>A connection that was counted has ended.</summary>
    public void Leave() => Interlocked.Decrement(ref connections);

    /// <summary>
    /// The process is about to end: from here on no abandon is proposed, so that the successor, or this node
    /// after its restart, gives each lock its full time. All sessions are closed; returns when they have ended or took
    /// too long.
    /// </summary>
    public async Task ShutDownAsync()
    {
        shuttingDown = true;
        current?.CloseAll(CloseReason.ShuttingDown);
        var since = time.GetTimestamp();
        while (Connections > 0 && time.GetElapsedTime(since) < CloseHandshake)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), time);
        }

        current?.AbortAll();
    }

    private async Task BreakOffLateAsync(LeaderSessions lost)
    {
        await Task.Delay(CloseHandshake, time);
        lost.AbortAll();
    }
}
