// The sessions of one leadership, and the orphans it has to end: locks whose connection is gone. All of it ends with the leadership.
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>Who is connected to this leader.</summary>
internal sealed class LeaderSessions : IDisposable
{
    private readonly ConcurrentDictionary<UInt128, Session> sessions = new();
    private readonly AbandonTimers timers;
    private readonly AbandonQueue abandons;
    private readonly TimeProvider time;
    private Farewell? closed;
    private int live;

    public LeaderSessions(Leadership leadership, TimeProvider time)
    {
        Leadership = leadership;
        this.time = time;
        abandons = new AbandonQueue(this);
        timers = new AbandonTimers(time, abandons.Add);
    }

    /// <summary>The leadership that everything here belongs to.</summary>
    public Leadership Leadership { get; }

    /// <summary>What was connected to.</summary>
    public NamespaceUses Namespaces { get; } = new();

    /// <summary>Locks held and requests waiting.</summary>
    public int Live => Volatile.Read(ref live);

    /// <summary>Sessions that are open, or have commands on their way.</summary>
    public int Count => sessions.Count;

    /// <summary>Completes when no abandon will be proposed any more.</summary>
    public Task AbandonsProposed => abandons.Completion;

    /// <summary>Reading of the monotonic clock.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>Takes over what an earlier leader left: nobody can come back for what waits; what is held gets its full time.</summary>
    public void Inherit(IReadOnlyList<LockRequest> requests, long deposedLeaderClosesWithinMs)
    {
        AddLive(requests.Count);
        var now = Now;
        foreach (var request in requests)
        {
            if (request.IsAcquired || request.Session.Resumable)
            {
                timers.Add(request, now, Math.Max(request.AbandonTimeoutMs, deposedLeaderClosesWithinMs));
            }
            else
            {
                abandons.Add(request);
            }
        }
    }

    /// <summary>Opens a session.</summary>
    public Session Open(NamespaceUse @namespace, long abandonTimeoutMs, ISessionPeer peer)
    {
        UInt128 id = 0;
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<UInt128>(ref id)));
        var session = new Session(new SessionId(id, Resumable: false), @namespace, abandonTimeoutMs, this, peer);
        sessions[id] = session;

        // Added first and looked at second, so that a session that opens while all are closed is closed by either.
        if (Volatile.Read(ref closed) is { } farewell)
        {
            peer.Close(farewell);
        }

        return session;
    }

    /// <summary>A session is over, and nothing of it is on its way.</summary>
    public void Forget(Session session) => sessions.TryRemove(session.Id.Value, out _);

    /// <summary>A request's session is gone: since when, if it is acquired; null if it waits.</summary>
    public void Orphaned(LockRequest request, long? acquiredAndGoneSince)
    {
        if (acquiredAndGoneSince is not { } since)
        {
            abandons.Add(request);
        }
        else
        {
            timers.Add(request, since, request.AbandonTimeoutMs);
        }
    }

    /// <summary>A request was granted by somebody else's command. Nobody listens for an orphan's.</summary>
    public void OnGrant(LockRequest granted)
    {
        if (sessions.TryGetValue(granted.Session.Value, out var session))
        {
            session.Granted(granted);
        }
    }

    /// <summary>An abandon was applied.</summary>
    public void OnAbandoned(LockRequest request)
    {
        if (sessions.TryGetValue(request.Session.Value, out var session))
        {
            session.Abandoned(request);
        }
        else
        {
            AddLive(-1);
        }
    }

    public void AddLive(int change) => Interlocked.Add(ref live, change);

    /// <summary>Closes all sessions, those that are just being opened too. Nothing is abandoned because of it.</summary>
    public void CloseAll(Farewell farewell)
    {
        if (Interlocked.CompareExchange(ref closed, farewell, null) is not null)
        {
            return;
        }

        timers.Dispose();
        abandons.Dispose();
        foreach (var session in sessions.Values)
        {
            session.Peer.Close(farewell);
        }
    }

    /// <summary>Breaks off the connections that have not ended.</summary>
    public void AbortAll()
    {
        foreach (var session in sessions.Values)
        {
            session.Peer.Abort();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        timers.Dispose();
        abandons.Dispose();
    }
}
