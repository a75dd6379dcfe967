// A session of this leadership, as its connection, its commands and the log's events see it. Each call is a step of its
// state (SessionState), made under the session's lock; what the step brings about is carried out behind it (StepQueue).
// Events reach it in log order; the connection's end comes from another thread at any time. (What has to wait for its
// turn: Session.Turns.cs.)
using System.Diagnostics;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions.Steps;

/// <summary>One connection's session.</summary>
internal sealed partial class Session
{
    private readonly LeaderSessions home;
    private readonly SessionTraits? traits;
    private readonly StepQueue steps;
    private ProposalFlow? flow;

    /// <summary>Makes one for a connection.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="use">Where it locks.</param>
    /// <param name="abandonTimeoutMs">How long its locks outlive its connection.</param>
    /// <param name="home">The sessions of this leadership.</param>
    /// <param name="connection">Its connection.</param>
    /// <param name="traits">What that asked for beyond protocol v1.</param>
    /// <param name="current">Whom it resumes.</param>
    public Session(
        SessionId id,
        NamespaceUse use,
        long abandonTimeoutMs,
        LeaderSessions home,
        ISessionConnection connection,
        SessionTraits? traits = null,
        Session? current = null
    )
    {
        Id = id;
        Namespace = use;
        AbandonTimeoutMs = abandonTimeoutMs;
        Connection = connection;
        this.home = home;
        this.traits = traits;
        State = new SessionState(this, home);
        steps = current?.steps ?? new StepQueue(home.Effects);
        if (current is not null)
        {
            using var step = steps.Begin();
            State.Supersede(current.State, home.Now, step.Effects);
        }
    }

    /// <summary>Random and never used again, or the hash of a token.</summary>
    public SessionId Id { get; }

    /// <summary>Where it locks.</summary>
    public NamespaceUse Namespace { get; }

    /// <summary>How long its locks outlive its connection, ms.</summary>
    public long AbandonTimeoutMs { get; }

    /// <summary>Its connection.</summary>
    public ISessionConnection Connection { get; }

    /// <summary>
    /// Where its commands wait for the proposer. Made when its connection's reader sends the first one.
    /// </summary>
    public ProposalFlow Flow =>
        flow ??= new ProposalFlow(home.Principals.PartyOf(Connection.Caller?.Principal ?? default, Namespace));

    /// <summary>The client's label, for people; may be empty.</summary>
    public ReadOnlyMemory<byte> Label => traits?.Label ?? default;

    /// <summary>Whether its connection hears what protocol v1 does not know.</summary>
    public bool IsExtended => traits is { IsExtended: true };

    /// <summary>Whether its connection hears of a waiter's position in the queue.</summary>
    public bool HearsProgress => traits is { HearsProgress: true };

    /// <summary>The memory that requests take.</summary>
    public Footprints Footprints => home.Footprints;

    /// <summary>Requests that an administrator wants to end.</summary>
    public Revocations Revocations => home.Revocations;

    /// <summary>Whether its connection has not ended.</summary>
    public bool IsConnected => !State.HasEnded;

    /// <summary>The channel that has no name.</summary>
    public SessionChannel Main => State.Main;

    /// <summary>Its state. The steps are made here; a test may make them alone.</summary>
    internal SessionState State { get; }

    /// <inheritdoc cref="SessionState.FindChannel"/>
    public SessionChannel? FindChannel(ReadOnlySpan<byte> name, out bool hasForgotten)
    {
        using (steps.Enter())
        {
            return State.FindChannel(name, out hasForgotten);
        }
    }

    /// <inheritdoc cref="SessionState.OpenChannel"/>
    public SessionChannel? Channel(ReadOnlySpan<byte> name, int maxInUse)
    {
        using (steps.Enter())
        {
            return State.OpenChannel(name, maxInUse);
        }
    }

    /// <summary>
    /// Sends a command on its way, as soon as there is room. Null if it was sent, else why the connection is to be
    /// closed: leadership or the session is over.
    /// </summary>
    public ValueTask<CloseReason?> ProposeAsync(SessionCommand command)
    {
        using (steps.Enter())
        {
            if (!State.CommandSent(command))
            {
                command.OnNotSent();
                return ValueTask.FromResult<CloseReason?>(State.WhyOver);
            }
        }

        return SendAsync(command);
    }

    /// <summary>Answers a message that becomes no command.</summary>
    public void Answer(in SessionReply reply)
    {
        using var step = steps.Begin();
        step.Effects.SendReply(Connection, reply);
    }

    /// <summary>One of its commands was applied.</summary>
    public void Applied(SessionChannel channel, in LockEvent happened, Activity? trace = null)
    {
        // A clock is read only where somebody's time begins.
        var now = happened is { Kind: EventKind.Enqueued, Request.WaitLimitMs: > 0 } ? home.Now : 0;
        using var step = steps.Begin();
        State.CommandApplied(channel, happened, trace, now, step.Effects);
    }

    /// <inheritdoc cref="SessionState.CommandAnswered"/>
    public void AppliedAs(SessionChannel channel, ReplyKind answer)
    {
        using var step = steps.Begin();
        State.CommandAnswered(channel, answer, step.Effects);
    }

    /// <inheritdoc cref="SessionState.CommandOutcomeUnknown"/>
    public void OutcomeUnknown(SessionChannel channel)
    {
        using var step = steps.Begin();
        State.CommandOutcomeUnknown(channel, step.Effects);
    }

    /// <inheritdoc cref="SessionState.CommandDropped"/>
    public void Dropped(SessionChannel channel)
    {
        using var step = steps.Begin();
        State.CommandDropped(channel, step.Effects);
    }

    /// <inheritdoc cref="SessionState.Acquired"/>
    public void Acquired(LockRequest request)
    {
        using var step = steps.Begin();
        State.Acquired(request, step.Effects);
    }

    /// <inheritdoc cref="SessionState.Terminated"/>
    public bool Terminated(LockRequest request, TerminationReason how, ReadOnlyMemory<byte> reason)
    {
        using var step = steps.Begin();
        return State.Terminated(request, how, reason, step.Effects);
    }

    /// <inheritdoc cref="SessionState.Revoking"/>
    public bool Revoking(LockRequest request, ReadOnlyMemory<byte> reason, long graceMs)
    {
        using var step = steps.Begin();
        return State.Revoking(request, reason, graceMs, step.Effects);
    }

    /// <inheritdoc cref="SessionState.PositionSeen"/>
    public bool NotifyPosition(SessionChannel channel, LockRequest request, in QueuePosition? changed, long nowMs)
    {
        using var step = steps.Begin();
        return State.PositionSeen(channel, request, changed, nowMs, step.Effects);
    }

    /// <inheritdoc cref="SessionState.AdoptedFromLog"/>
    public void AdoptFromLog(LockRequest request, long since, long leastTimeoutMs)
    {
        using var step = steps.Begin();
        State.AdoptedFromLog(request, since, leastTimeoutMs, step.Effects);
    }

    /// <inheritdoc cref="SessionState.AbandonDue"/>
    public bool TryBeginAbandon(LockRequest request)
    {
        using (steps.Enter())
        {
            return State.AbandonDue(request);
        }
    }

    /// <inheritdoc cref="SessionState.AbandonCompleted"/>
    public void AbandonCompleted(bool isOutcomeUnknown)
    {
        using var step = steps.Begin();
        State.AbandonCompleted(isOutcomeUnknown, step.Effects);
    }

    /// <summary>Its connection has ended.</summary>
    public void End()
    {
        var now = home.Now;
        using var step = steps.Begin();
        State.ConnectionLost(now, step.Effects);
    }

    private ValueTask<CloseReason?> SendAsync(SessionCommand command) =>
        home.Leadership.TryPropose(command) ? default : SendWhenThereIsRoomAsync(command);

    private async ValueTask<CloseReason?> SendWhenThereIsRoomAsync(SessionCommand command)
    {
        if (await home.Leadership.ProposeAsync(command))
        {
            return null;
        }

        command.OnDropped();
        using (steps.Enter())
        {
            return State.WhyOver;
        }
    }
}
