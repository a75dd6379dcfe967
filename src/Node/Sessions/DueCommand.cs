// Commands that no client sends: the leader proposes them by itself when their time has come.
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>A command that waits for its time in <see cref="DueTimers"/>, then for its turn in <see cref="DueCommands"/>.</summary>
internal abstract class DueCommand : PendingCommand
{
    /// <summary>Whether it waits for its time. Belongs to the timers.</summary>
    internal bool IsTimed { get; set; }

    /// <summary>Asked just before it is proposed; false and it never is.</summary>
    public virtual bool TryBegin() => true;

    /// <summary>The next leader inherits what it concerned.</summary>
    public override void OnInDoubt()
    {
    }

    /// <summary>The next leader inherits what it concerned.</summary>
    public override void OnDropped()
    {
    }
}

/// <summary>A request whose session is gone is ended.</summary>
/// <param name="sessions">Who is connected.</param>
/// <param name="request">Which.</param>
/// <param name="session">Where it could still be resumed; null if nobody can come back for it.</param>
internal sealed class AbandonProposal(LeaderSessions sessions, LockRequest request, Session? session = null) : DueCommand
{
    /// <summary>Not if its session was resumed meanwhile. Once it is on its way a resume waits for its outcome.</summary>
    public override bool TryBegin() => session?.TryBeginAbandon(request) ?? true;

    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => writer.Add(new AbandonCommand(request.Namespace, request.Id));

    /// <summary>A rejection means that the request has ended meanwhile.</summary>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply.Kind == EventKind.Abandoned)
        {
            sessions.OnEnded(request, NodeEnd.Abandoned);
        }

        session?.AbandonSettled(inDoubt: false);
    }

    /// <inheritdoc/>
    public override void OnInDoubt() => session?.AbandonSettled(inDoubt: true);

    /// <inheritdoc/>
    public override void OnDropped() => session?.AbandonSettled(inDoubt: true);
}

/// <summary>A request that has waited for as long as it may is ended. If it is granted meanwhile, the log's order decides.</summary>
internal sealed class TimeoutProposal(LeaderSessions sessions, LockRequest request) : DueCommand
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => writer.Add(new TimeoutCommand(request.Namespace, request.Id));

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply.Kind == EventKind.TimedOut)
        {
            sessions.OnEnded(request, NodeEnd.TimedOut);
        }
    }
}

/// <summary>A request is ended because an administrator wishes it.</summary>
internal sealed class RevokeProposal(LeaderSessions sessions, LockRequest request, ReadOnlyMemory<byte> reason) : DueCommand
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => writer.Add(new RevokeCommand(request.Namespace, request.Id, reason));

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply.Kind == EventKind.Revoked)
        {
            sessions.OnEnded(request, NodeEnd.Revoked, reason);
        }
    }
}
