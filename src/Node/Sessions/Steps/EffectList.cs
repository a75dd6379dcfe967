// What is to be done because of a step. A step only says so; it is carried out by EffectExecutor, outside of the
// session's lock. Each kind of effect has a method here, so that a step reads as what is to be done.
using System.Diagnostics;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Sessions.Steps;

/// <summary>The kinds of effects.</summary>
internal enum EffectKind : byte
{
    /// <summary>Sends a client a reply.</summary>
    SendReply,

    /// <summary>Closes a client's connection.</summary>
    CloseConnection,

    /// <summary>Has the leader propose a command when its time has come.</summary>
    SetDeadline,

    /// <summary>Has the leader not propose it.</summary>
    CancelDeadline,

    /// <summary>Counts a request of a namespace that has begun.</summary>
    RequestBegun,

    /// <summary>Counts a request of a namespace that waits.</summary>
    WaitBegun,

    /// <summary>A request that was counted as waiting waits no more.</summary>
    WaitEnded,

    /// <summary>A request is live no more.</summary>
    RequestEnded,

    /// <summary>Remembers, beyond the session's life, how the node ended its last lock.</summary>
    RememberTermination,

    /// <summary>Sends a waiter its position in the queue whenever that changes.</summary>
    WatchPosition,

    /// <summary>Sends a revocation again to a client that has come back.</summary>
    RepeatRevocation,

    /// <summary>Ends the span of a traced request.</summary>
    EndTrace,

    /// <summary>Lets those go on who wait for a change of the session.</summary>
    Wake,

    /// <summary>The session is over, and nothing of it is on its way.</summary>
    ForgetSession,
}

/// <summary>One effect.</summary>
/// <param name="Kind">The kind of the effect.</param>
/// <param name="Target">The object that it is done to, or with.</param>
/// <param name="About">The second object, where the kind has one.</param>
/// <param name="Reply">The reply to be sent.</param>
/// <param name="Termination">How the node ended a request, if it did.</param>
internal readonly record struct SessionEffect(
    EffectKind Kind,
    object Target,
    object? About = null,
    SessionReply Reply = default,
    TerminationReason Termination = default
);

/// <summary>The effects of a step, in the order in which they are to be carried out.</summary>
internal sealed class EffectList
{
    private const int MostKept = 256;

    [ThreadStatic]
    private static EffectList? spare;

    private SessionEffect[] effects = new SessionEffect[8];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether those who wait for a change of the session are to look again.</summary>
    public bool HasChange { get; private set; }

    /// <summary>The effect at a position.</summary>
    public ref readonly SessionEffect this[int index] => ref effects[index];

    /// <summary>An empty list; each thread keeps one, so that a step allocates none.</summary>
    public static EffectList Rent()
    {
        var list = spare ?? new EffectList();
        spare = null;
        return list;
    }

    /// <summary>The list is used no more.</summary>
    public void Return()
    {
        Clear();
        if (effects.Length <= MostKept)
        {
            spare = this;
        }
    }

    public void Clear()
    {
        Array.Clear(effects, 0, Count);
        Count = 0;
        HasChange = false;
    }

    /// <summary>Adds the effects of another list behind its own.</summary>
    public void AddAll(EffectList others)
    {
        for (var i = 0; i < others.Count; i++)
        {
            Add(others[i]);
        }
    }

    public void SendReply(ISessionConnection to, in SessionReply reply) =>
        Add(new SessionEffect(EffectKind.SendReply, to, Reply: reply));

    public void CloseConnection(ISessionConnection connection, CloseReason why) =>
        Add(new SessionEffect(EffectKind.CloseConnection, connection, why));

    public void SetDeadline(ScheduledCommand command) => Add(new SessionEffect(EffectKind.SetDeadline, command));

    public void CancelDeadline(ScheduledCommand command) => Add(new SessionEffect(EffectKind.CancelDeadline, command));

    public void RequestBegun(NamespaceUse use) => Add(new SessionEffect(EffectKind.RequestBegun, use));

    public void WaitBegun(NamespaceUse use) => Add(new SessionEffect(EffectKind.WaitBegun, use));

    public void WaitEnded(NamespaceUse use) => Add(new SessionEffect(EffectKind.WaitEnded, use));

    public void RequestEnded(LockRequest request, TerminationReason how) =>
        Add(new SessionEffect(EffectKind.RequestEnded, request, Termination: how));

    public void RememberTermination(Session session, TerminationReason how) =>
        Add(new SessionEffect(EffectKind.RememberTermination, session, Termination: how));

    public void WatchPosition(SessionChannel channel, LockRequest waiter) =>
        Add(new SessionEffect(EffectKind.WatchPosition, channel, waiter));

    public void RepeatRevocation(Session session, LockRequest request) =>
        Add(new SessionEffect(EffectKind.RepeatRevocation, session, request));

    public void EndTrace(Activity span, string outcome) => Add(new SessionEffect(EffectKind.EndTrace, span, outcome));

    public void ForgetSession(Session session) => Add(new SessionEffect(EffectKind.ForgetSession, session));

    /// <summary>
    /// Those who wait for a change of the session are to look again, once what stands before this is done.
    /// </summary>
    public void Change() => HasChange = true;

    /// <summary>Lets somebody go on who waits.</summary>
    public void Wake(TaskCompletionSource waiting) => Add(new SessionEffect(EffectKind.Wake, waiting));

    private void Add(in SessionEffect effect)
    {
        if (Count == effects.Length)
        {
            Array.Resize(ref effects, Count * 2);
        }

        effects[Count++] = effect;
    }
}
