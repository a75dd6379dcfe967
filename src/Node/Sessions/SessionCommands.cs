// The commands of a session on their way through the log. Each finds its session's channel again when it is applied.
using System.Diagnostics;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>A command that a client's message became.</summary>
internal abstract class SessionCommand(SessionChannel channel) : PendingCommand
{
    /// <summary>On which channel.</summary>
    public SessionChannel Channel { get; } = channel;

    protected Session Session => Channel.Session;

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply) => Session.Settle(Channel, reply);

    /// <inheritdoc/>
    public override void OnInDoubt() => Session.InDoubt(Channel);

    /// <inheritdoc/>
    public override void OnDropped() => Session.Dropped(Channel);
}

/// <summary>A lock is asked for.</summary>
internal sealed class LockProposal(SessionChannel channel, ResourceSet resources, LockTerms? terms = null) : SessionCommand(channel)
{
    /// <summary>The span of a client that is traced.</summary>
    public Activity? Trace { get; init; }

    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => writer.Add(new LockCommand(
        Session.Namespace.Name,
        Session.Id,
        Channel.Name,
        resources,
        Session.AbandonTimeoutMs,
        terms?.WaitLimitMs ?? -1,
        terms?.Label ?? Session.Label,
        terms?.Mark ?? default));

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply)
    {
        if (Trace is not null && LockTrace.Applied(Trace, reply))
        {
            Channel.Trace = Trace;
        }

        base.OnApplied(reply);
    }

    /// <inheritdoc/>
    public override void OnInDoubt()
    {
        LockTrace.End(Trace, "in doubt");
        base.OnInDoubt();
    }

    /// <inheritdoc/>
    public override void OnDropped()
    {
        LockTrace.End(Trace, "leadership lost");
        base.OnDropped();
    }
}

/// <summary>A lock, or the wait for it, is given up.</summary>
internal sealed class ReleaseProposal(SessionChannel channel) : SessionCommand(channel)
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => writer.Add(new ReleaseCommand(Session.Namespace.Name, Session.Id, Channel.Name));

    /// <summary>A release that crossed an abandon, timeout or revoke is no mistake: there is no lock any more, as was asked for.</summary>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply is { Kind: EventKind.Rejected, Reason: RejectReason.NothingLive })
        {
            Session.SettleAs(Channel, ReplyKind.Released);
        }
        else
        {
            base.OnApplied(reply);
        }
    }
}

/// <summary>A held lock's writes become reads. Names the id, so that a late one never hits the channel's next lock.</summary>
internal sealed class DowngradeProposal(SessionChannel channel, LockRequest request) : SessionCommand(channel)
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => writer.Add(new DowngradeCommand(request.Namespace, request.Id));

    /// <summary>One that only reads has what it asks for; one that crossed the lock's end is no mistake.</summary>
    public override void OnApplied(in LockEvent reply)
    {
        switch (reply)
        {
            case { Kind: EventKind.Downgraded } or { Reason: RejectReason.OnlyReads }:
                Session.SettleAs(Channel, ReplyKind.Downgraded);
                break;
            case { Reason: RejectReason.NoSuchRequest }:
                Session.SettleAs(Channel, ReplyKind.DowngradeCrossed);
                break;
            default:
                base.OnApplied(reply);
                break;
        }
    }
}
