// The sessions of one leadership, and the locks whose connection is gone, which it has to end. All of it ends with the
// leadership.
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions;

/// <summary>The sessions that are connected to this leader.</summary>
internal sealed class LeaderSessions : IDisposable
{
    private readonly ConcurrentDictionary<UInt128, Session> sessions = new();
    private readonly OrderedLock resuming = new(LockRank.Registration);
    private readonly TimeProvider time;
    private CloseReason? closed;
    private int live;

    public LeaderSessions(Leadership leadership, TimeProvider time, Func<LockRequest, QueuePosition> look)
    {
        Leadership = leadership;
        this.time = time;
        Effects = new EffectExecutor(this);
        ProposalQueue = new ProposalQueue(this);
        Deadlines = new DeadlineScheduler(time, ProposalQueue.Add);
        Revocations = new Revocations(this, time);
        Positions = new QueuePositionNotifier(time, look);
    }

    /// <summary>The leadership that everything here belongs to.</summary>
    public Leadership Leadership { get; }

    /// <summary>The namespaces that were connected to.</summary>
    public NamespaceUses Namespaces { get; } = new();

    /// <summary>Who shares a share of each entry.</summary>
    public Principals Principals { get; } = new(Limits.MaxRememberedPrincipals);

    /// <summary>The memory that live requests, and locks on their way, take of every node.</summary>
    public Footprints Footprints { get; } = new();

    /// <summary>The commands that the leader proposes by itself when their time has come.</summary>
    public DeadlineScheduler Deadlines { get; }

    /// <summary>The commands that it proposes by itself now.</summary>
    public ProposalQueue ProposalQueue { get; }

    /// <summary>Requests that an administrator wants to end.</summary>
    public Revocations Revocations { get; }

    /// <summary>Sends waiters their position in the queue.</summary>
    public QueuePositionNotifier Positions { get; }

    /// <summary>The last locks that the node ended by itself.</summary>
    public RecentTerminations Terminations { get; } = new();

    /// <summary>Carries out what sessions decide on.</summary>
    public EffectExecutor Effects { get; }

    /// <summary>Locks held and requests waiting.</summary>
    public int Live => Volatile.Read(ref live);

    /// <summary>
    /// Sessions that are open, have commands on their way, or have something that they can come back for.
    /// </summary>
    public int Count => sessions.Count;

    /// <summary>Completes when no abandon will be proposed any more.</summary>
    public Task AbandonsProposed => ProposalQueue.Completion;

    /// <summary>Reading of the monotonic clock.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>
    /// Adopts the requests that the log's state has when this leadership begins. Their connections are gone.
    /// </summary>
    /// <param name="requests">All live requests.</param>
    /// <param name="deposedLeaderClosesWithinMs">How long an earlier leader may serve its connections.</param>
    public void AdoptFromLog(IReadOnlyList<LockRequest> requests, long deposedLeaderClosesWithinMs)
    {
        AddLive(requests.Count);
        var now = Now;
        foreach (var request in requests)
        {
            Footprints.Adopt(request);
            if (request.Session.Resumable)
            {
                sessions
                    .GetOrAdd(
                        request.Session.Value,
                        static (_, of) => of.home.WithoutConnection(of.request),
                        (request, home: this)
                    )
                    .AdoptFromLog(request, now, deposedLeaderClosesWithinMs);
            }
            else
            {
                var deadline = Deadline.OfAbandon(request, request.IsAcquired, now, deposedLeaderClosesWithinMs);
                Deadlines.Add(new AbandonProposal(this, request) { Deadline = deadline });
            }
        }
    }

    /// <summary>Opens a session. One with a token has yet to <see cref="Session.ResumeAsync"/>.</summary>
    public Session Open(
        NamespaceUse use,
        long abandonTimeoutMs,
        ISessionConnection connection,
        SessionTraits? traits = null
    )
    {
        Session session;
        if (traits?.Resumable is { } id)
        {
            // One after the other, so that of several connections with the same token the one that came last stays.
            using (resuming.Enter())
            {
                var current = sessions.GetValueOrDefault(id.Value);
                session = new Session(id, use, abandonTimeoutMs, this, connection, traits, current);
                sessions[id.Value] = session;
            }
        }
        else
        {
            session = new Session(NewId(), use, abandonTimeoutMs, this, connection, traits);
            sessions[session.Id.Value] = session;
        }

        // Added first and looked at second, so that a session that opens while all are closed is closed by either.
        if (Volatile.Read(ref closed) is { } why)
        {
            connection.Close(why);
        }

        return session;
    }

    /// <summary>A session is over, and nothing of it is on its way.</summary>
    public void Forget(Session session) => sessions.TryRemove(KeyValuePair.Create(session.Id.Value, session));

    /// <summary>
    /// A request that waited is acquired because of somebody else's command. If its connection is gone, nobody listens.
    /// </summary>
    public void OnAcquired(LockRequest request)
    {
        if (sessions.TryGetValue(request.Session.Value, out var session))
        {
            session.Acquired(request);
        }
    }

    /// <summary>A request was ended by a command of the leader's own.</summary>
    public void OnTerminated(LockRequest request, TerminationReason how, ReadOnlyMemory<byte> reason = default)
    {
        if (!sessions.TryGetValue(request.Session.Value, out var session) || !session.Terminated(request, how, reason))
        {
            OnLeft(request, how);
        }
    }

    /// <summary>A request is to be revoked. If its connection is gone, nobody listens.</summary>
    public void OnRevoking(LockRequest request, ReadOnlyMemory<byte> reason, long graceMs)
    {
        if (sessions.TryGetValue(request.Session.Value, out var session))
        {
            session.Revoking(request, reason, graceMs);
        }
    }

    /// <summary>A request is live no more.</summary>
    public void OnLeft(LockRequest request, TerminationReason how)
    {
        AddLive(-1);
        Footprints.Remove(request);
        Revocations.OnLeft(request, how);
    }

    /// <summary>Whether somebody is connected who holds or awaits a request.</summary>
    public bool IsConnected(LockRequest request) =>
        sessions.TryGetValue(request.Session.Value, out var session) && session.IsConnected;

    /// <summary>Who is connected and holds or awaits a request; null if nobody is.</summary>
    public Caller? CallerOf(LockRequest request) =>
        sessions.TryGetValue(request.Session.Value, out var session) && session.IsConnected
            ? session.Connection.Caller
            : null;

    /// <summary>
    /// For how long the connected holder or waiter of a request has been silent, ms; 0 if that is not worth telling.
    /// </summary>
    public long SilentMs(LockRequest request) =>
        sessions.TryGetValue(request.Session.Value, out var session) && session.IsConnected
            ? session.Connection.SilentMs
            : 0;

    public void AddLive(int change) => Interlocked.Add(ref live, change);

    /// <summary>
    /// Closes all sessions, those that are just being opened too. Nothing is abandoned because of it.
    /// </summary>
    public void CloseAll(CloseReason why)
    {
        if (Interlocked.CompareExchange(ref closed, why, null) is not null)
        {
            return;
        }

        Dispose();
        foreach (var session in sessions.Values)
        {
            session.Connection.Close(why);
        }
    }

    /// <summary>Breaks off the connections that have not ended.</summary>
    public void AbortAll()
    {
        foreach (var session in sessions.Values)
        {
            session.Connection.Abort();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Deadlines.Dispose();
        ProposalQueue.Dispose();
        Positions.Dispose();
    }

    private static SessionId NewId()
    {
        UInt128 id = 0;
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<UInt128>(ref id)));
        return new SessionId(id, Resumable: false);
    }

    private Session WithoutConnection(LockRequest request) =>
        new(
            request.Session,
            Namespaces.Get(request.Namespace),
            abandonTimeoutMs: 0,
            home: this,
            NullConnection.Instance
        );
}
