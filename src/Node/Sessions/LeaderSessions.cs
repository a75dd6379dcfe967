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
    private readonly Lock resuming = new();
    private readonly TimeProvider time;
    private Farewell? closed;
    private int live;

    public LeaderSessions(Leadership leadership, TimeProvider time, Func<LockRequest, PlaceInLine> look)
    {
        Leadership = leadership;
        this.time = time;
        Due = new DueCommands(this);
        Timers = new DueTimers(time, Due.Add);
        Revocations = new Revocations(this, time);
        Progress = new ProgressBoard(time, look);
    }

    /// <summary>The leadership that everything here belongs to.</summary>
    public Leadership Leadership { get; }

    /// <summary>What was connected to.</summary>
    public NamespaceUses Namespaces { get; } = new();

    /// <summary>What the leader does by itself when its time has come.</summary>
    public DueTimers Timers { get; }

    /// <summary>What it does by itself now.</summary>
    public DueCommands Due { get; }

    /// <summary>Requests that an administrator wants to end.</summary>
    public Revocations Revocations { get; }

    /// <summary>Who wants to hear of its place in line.</summary>
    public ProgressBoard Progress { get; }

    /// <summary>How sessions lost their locks lately.</summary>
    public RecentEnds Ends { get; } = new();

    /// <summary>Locks held and requests waiting.</summary>
    public int Live => Volatile.Read(ref live);

    /// <summary>Sessions that are open, have commands on their way, or have something that they can come back for.</summary>
    public int Count => sessions.Count;

    /// <summary>Completes when no abandon will be proposed any more.</summary>
    public Task AbandonsProposed => Due.Completion;

    /// <summary>Reading of the monotonic clock.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>
    /// Takes over what an earlier leader left: what is held gets its full time, what waits too if somebody can come back for it, else it is ended.
    /// </summary>
    public void Inherit(IReadOnlyList<LockRequest> requests, long deposedLeaderClosesWithinMs)
    {
        AddLive(requests.Count);
        var now = Now;
        foreach (var request in requests)
        {
            if (request.Session.Resumable)
            {
                var session = sessions.GetOrAdd(
                    request.Session.Value,
                    static (_, of) => Session.Inherited(of.request.Session, of.home.Namespaces.Get(of.request.Namespace), of.home),
                    (request, home: this));
                session.Inherit(request, now, deposedLeaderClosesWithinMs);
            }
            else if (request.IsAcquired)
            {
                Timers.Add(new AbandonProposal(this, request), now, Math.Max(request.AbandonTimeoutMs, deposedLeaderClosesWithinMs));
            }
            else
            {
                Due.Add(new AbandonProposal(this, request));
            }
        }
    }

    /// <summary>Opens a session. One with a token has yet to <see cref="Session.TakeOverAsync"/>.</summary>
    public Session Open(NamespaceUse use, long abandonTimeoutMs, ISessionPeer peer, SessionTraits? traits = null)
    {
        var session = new Session(traits?.Resumable ?? NewId(), use, abandonTimeoutMs, this, peer, traits);
        if (session.Id.Resumable)
        {
            Register(session);
        }
        else
        {
            sessions[session.Id.Value] = session;
        }

        // Added first and looked at second, so that a session that opens while all are closed is closed by either.
        if (Volatile.Read(ref closed) is { } farewell)
        {
            peer.Close(farewell);
        }

        return session;
    }

    /// <summary>A session is over, and nothing of it is on its way.</summary>
    public void Forget(Session session) => sessions.TryRemove(KeyValuePair.Create(session.Id.Value, session));

    /// <summary>A request's session is gone for good: since when, if it is acquired; null if it waits.</summary>
    public void Orphaned(LockRequest request, long? acquiredAndGoneSince)
    {
        var abandon = new AbandonProposal(this, request);
        if (acquiredAndGoneSince is not { } since)
        {
            Due.Add(abandon);
        }
        else
        {
            Timers.Add(abandon, since, request.AbandonTimeoutMs);
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

    /// <summary>A request was ended by a command of the leader's own.</summary>
    public void OnEnded(LockRequest request, NodeEnd how, ReadOnlyMemory<byte> reason = default)
    {
        if (!sessions.TryGetValue(request.Session.Value, out var session) || !session.Ended(request, how, reason))
        {
            Left(request, how);
        }
    }

    /// <summary>A request is to be revoked. Nobody listens for an orphan's.</summary>
    public void OnRevoking(LockRequest request, ReadOnlyMemory<byte> reason, long graceMs)
    {
        if (sessions.TryGetValue(request.Session.Value, out var session))
        {
            session.Revoking(request, reason, graceMs);
        }
    }

    /// <summary>A request is live no more.</summary>
    public void Left(LockRequest request, NodeEnd how)
    {
        AddLive(-1);
        Revocations.OnLeft(request, how);
    }

    /// <summary>Whether somebody is connected who holds or awaits a request.</summary>
    public bool IsConnected(LockRequest request) => sessions.TryGetValue(request.Session.Value, out var session) && session.IsConnected;

    public void AddLive(int change) => Interlocked.Add(ref live, change);

    /// <summary>Closes all sessions, those that are just being opened too. Nothing is abandoned because of it.</summary>
    public void CloseAll(Farewell farewell)
    {
        if (Interlocked.CompareExchange(ref closed, farewell, null) is not null)
        {
            return;
        }

        Dispose();
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
        Timers.Dispose();
        Due.Dispose();
        Progress.Dispose();
    }

    private static SessionId NewId()
    {
        UInt128 id = 0;
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<UInt128>(ref id)));
        return new SessionId(id, Resumable: false);
    }

    // One after the other, so that of several connections with the same token the one that came last stays.
    private void Register(Session session)
    {
        lock (resuming)
        {
            if (sessions.TryGetValue(session.Id.Value, out var current))
            {
                session.Succeed(current);
            }

            sessions[session.Id.Value] = session;
        }
    }
}
