// A connection that resumes a session does not have what the session has at once: what the old connection sent may
// still be on its way, an abandon too. Until that is settled, whatever happens to a request of the session belongs to
// the old connection. Then all of it goes to the new one.
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Sessions.Steps;

/// <summary>The wait of a connection that resumes a session.</summary>
internal sealed class Succession
{
    private Succession(SessionState old) => Old = old;

    /// <summary>The connection's state that has what the session has.</summary>
    public SessionState Old { get; }

    /// <summary>Whether all that the old connection sent is settled.</summary>
    public bool IsReady => Old.IsSettled;

    /// <summary>Whether the outcome of something that the old connection sent will never be known here.</summary>
    public bool IsOutcomeUnknown => Old.IsOutcomeUnknown;

    /// <summary>Begins: the current connection is closed, and sends nothing more.</summary>
    /// <param name="current">Who has the session, or waits for it.</param>
    /// <param name="heir">Who will have it.</param>
    /// <param name="now">Reading of the clock.</param>
    /// <param name="effects">What is to be done.</param>
    public static Succession Begin(SessionState current, SessionState heir, long now, EffectList effects) =>
        new(current.GiveWayTo(heir, now, effects));

    /// <inheritdoc cref="SessionState.Acquired"/>
    public void Acquired(LockRequest request, EffectList effects) => Old.Acquired(request, effects);

    /// <inheritdoc cref="SessionState.Terminated"/>
    public bool Terminated(
        LockRequest request,
        TerminationReason how,
        ReadOnlyMemory<byte> reason,
        EffectList effects
    ) => Old.Terminated(request, how, reason, effects);

    /// <inheritdoc cref="SessionState.Revoking"/>
    public bool Revoking(LockRequest request, ReadOnlyMemory<byte> reason, long graceMs, EffectList effects) =>
        Old.Revoking(request, reason, graceMs, effects);

    /// <summary>Ends: all that the session has goes to the heir.</summary>
    public void Complete(SessionState heir, EffectList effects) => Old.MoveTo(heir, effects);
}
