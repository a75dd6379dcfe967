// Commands that no client sends: the leader proposes them by itself when their time has come.
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions.Scheduling;

/// <summary>Where a command stands in <see cref="DeadlineScheduler"/>.</summary>
internal enum ScheduleState : byte
{
    /// <summary>Not there yet.</summary>
    New,

    /// <summary>Waits for its time.</summary>
    Waiting,

    /// <summary>Its time has come, or was cancelled.</summary>
    Over,
}

/// <summary>
/// A command that waits for its time in <see cref="DeadlineScheduler"/>, then for its turn in
/// <see cref="ProposalQueue"/>.
/// </summary>
internal abstract class ScheduledCommand : PendingCommand
{
    /// <summary>When its time comes.</summary>
    public Deadline Deadline { get; init; } = Deadline.Now;

    /// <summary>Where it stands. Belongs to the scheduler.</summary>
    internal ScheduleState Schedule { get; set; }

    /// <summary>Asked just before it is proposed; false and it never is.</summary>
    public virtual bool TryBegin() => true;

    /// <summary>The next leader adopts what it concerned.</summary>
    public override void OnOutcomeUnknown() { }

    /// <summary>The next leader adopts what it concerned.</summary>
    public override void OnDropped() { }
}

/// <summary>A request whose session is gone is ended.</summary>
/// <param name="sessions">Who is connected.</param>
/// <param name="request">Which.</param>
/// <param name="session">Where it could still be resumed; null if nobody can come back for it.</param>
internal sealed class AbandonProposal(LeaderSessions sessions, LockRequest request, Session? session = null)
    : ScheduledCommand
{
    /// <summary>
    /// Not if its session was resumed meanwhile. Once it is on its way a resume waits for its outcome.
    /// </summary>
    public override bool TryBegin() => session?.TryBeginAbandon(request) ?? true;

    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer)
    {
        // One within the grace of a revocation is recorded as that, whose reason it carries.
        if (sessions.Revocations.EndedBy(request, Revocations.Abandoned) is { } revoked)
        {
            writer.Add(revoked);
        }
        else
        {
            writer.Add(new AbandonCommand(request.Namespace, request.Id));
        }
    }

    /// <summary>A rejection means that the request has ended meanwhile.</summary>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply.Kind is EventKind.Abandoned or EventKind.Revoked)
        {
            sessions.OnTerminated(request, TerminationReason.Abandoned);
        }

        session?.AbandonCompleted(isOutcomeUnknown: false);
    }

    /// <inheritdoc/>
    public override void OnOutcomeUnknown() => session?.AbandonCompleted(isOutcomeUnknown: true);

    /// <inheritdoc/>
    public override void OnDropped() => session?.AbandonCompleted(isOutcomeUnknown: true);
}

/// <summary>
/// A request that has waited for as long as it may is ended. If it is acquired meanwhile, the log's order decides.
/// </summary>
internal sealed class TimeoutProposal(LeaderSessions sessions, LockRequest request) : ScheduledCommand
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => writer.Add(new TimeoutCommand(request.Namespace, request.Id));

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply.Kind == EventKind.TimedOut)
        {
            sessions.OnTerminated(request, TerminationReason.TimedOut);
        }
    }
}

/// <summary>A request is ended because an administrator wishes it.</summary>
internal sealed class RevokeProposal(
    LeaderSessions sessions,
    LockRequest request,
    ReadOnlyMemory<byte> reason,
    ReadOnlyMemory<byte> principal
) : ScheduledCommand
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) =>
        writer.Add(new RevokeCommand(request.Namespace, request.Id, reason, principal));

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply.Kind == EventKind.Revoked)
        {
            sessions.OnTerminated(request, TerminationReason.Revoked, reason);
        }
    }
}
