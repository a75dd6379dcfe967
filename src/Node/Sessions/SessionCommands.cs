// The commands of a session on their way through the log. Each finds its session again when it is applied.
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>A command that a client's message became.</summary>
internal abstract class SessionCommand(Session session) : PendingCommand
{
    protected Session Session { get; } = session;

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply) => Session.Settle(reply);

    /// <inheritdoc/>
    public override void OnInDoubt() => Session.Unsettled(Farewell.InDoubt);

    /// <inheritdoc/>
    public override void OnDropped() => Session.Unsettled(Farewell.LeadershipLost);
}

/// <summary>A lock is asked for.</summary>
internal sealed class LockProposal(Session session, ResourceSet resources) : SessionCommand(session)
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) =>
        writer.Add(new LockCommand(Session.Namespace.Name, Session.Id, default, resources, Session.AbandonTimeoutMs));
}

/// <summary>A lock, or the wait for it, is given up.</summary>
internal sealed class ReleaseProposal(Session session) : SessionCommand(session)
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => writer.Add(new ReleaseCommand(Session.Namespace.Name, Session.Id, default));

    /// <summary>A release that crossed an abandon is no mistake: there is no lock any more, as was asked for.</summary>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply is { Kind: EventKind.Rejected, Reason: RejectReason.NothingLive })
        {
            Session.SettleCrossedRelease();
        }
        else
        {
            base.OnApplied(reply);
        }
    }
}

/// <summary>A request whose session is gone is ended.</summary>
internal sealed class AbandonProposal(LeaderSessions sessions, LockRequest request) : PendingCommand
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => writer.Add(new AbandonCommand(request.Namespace, request.Id));

    /// <summary>A rejection means that the request has ended meanwhile.</summary>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply.Kind == EventKind.Abandoned)
        {
            sessions.OnAbandoned(request);
        }
    }

    /// <summary>The next leader inherits the request.</summary>
    public override void OnInDoubt()
    {
    }

    /// <summary>The next leader inherits the request.</summary>
    public override void OnDropped()
    {
    }
}
