// The commands of a session on their way through the log. Each finds its session's channel again when it is applied.
using System.Diagnostics;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions;

/// <summary>A command that a client's message became.</summary>
internal abstract class SessionCommand(SessionChannel channel) : PendingCommand
{
    /// <summary>On which channel.</summary>
    public SessionChannel Channel { get; } = channel;

    /// <summary>
    /// The request that was live on the channel when the command was sent, where that is certain: nothing else was on
    /// its way.
    /// </summary>
    public LockRequest? Concerns { get; set; }

    /// <inheritdoc/>
    internal override ProposalFlow Flow => Session.Flow;

    protected Session Session => Channel.Session;

    /// <summary>Who causes it, UTF-8; empty where nobody was authenticated.</summary>
    protected ReadOnlyMemory<byte> Principal => Session.Connection.Caller?.Principal ?? default;

    /// <summary>It is not sent on its way: the session is over.</summary>
    public virtual void OnNotSent() { }

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply) => Session.Applied(Channel, reply);

    /// <inheritdoc/>
    public override void OnOutcomeUnknown() => Session.OutcomeUnknown(Channel);

    /// <inheritdoc/>
    public override void OnDropped() => Session.Dropped(Channel);
}

/// <summary>A lock is asked for.</summary>
/// <param name="channel">On which channel.</param>
/// <param name="resources">The resources.</param>
/// <param name="waitLimitMs">How long it may wait, ms. 0: not at all; -1: for ever.</param>
/// <param name="label">Who asks, for people, UTF-8; null for the connection's label.</param>
/// <param name="reference">The client's own reference, UTF-8; may be empty.</param>
internal sealed class LockProposal(
    SessionChannel channel,
    ResourceSet resources,
    long waitLimitMs = -1,
    ReadOnlyMemory<byte>? label = null,
    ReadOnlyMemory<byte> reference = default
) : SessionCommand(channel)
{
    private Footprint? reserved;

    /// <summary>What is asked for.</summary>
    public ResourceSet Resources => resources;

    /// <summary>The span of a client that is traced.</summary>
    public Activity? Trace { get; init; }

    /// <inheritdoc/>
    internal override int Cost => base.Cost + (FairShares.ByteCost * resources.Bytes.Length);

    private ReadOnlyMemory<byte> Label => label ?? Session.Label;

    /// <summary>Takes its memory out of all budgets. Null if there is enough, else the one that is full.</summary>
    public Budget? Reserve(NodeSettings settings)
    {
        var textBytes = Channel.Name.Length + Label.Length + reference.Length;
        var bytes = Footprint.BytesOf(textBytes, resources);
        var asked = new Footprint(Session.Id.Value, Session.Namespace.Name, Principal, bytes);
        var full = Session.Footprints.TryReserve(asked, settings);
        reserved = full is null ? asked : null;
        return full;
    }

    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) =>
        writer.Add(
            new LockCommand(
                Session.Namespace.Name,
                Session.Id,
                Channel.Name,
                resources,
                Session.AbandonTimeoutMs,
                waitLimitMs,
                Label,
                reference,
                Principal
            )
        );

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply)
    {
        var begun = reply.Kind is EventKind.Acquired or EventKind.Enqueued ? reply.Request : null;
        Session.Footprints.Complete(reserved, begun);
        var goesOn = Trace is not null && LockTrace.Applied(Trace, reply);
        Session.Applied(Channel, reply, goesOn ? Trace : null);
    }

    /// <inheritdoc/>
    public override void OnOutcomeUnknown()
    {
        Session.Footprints.Complete(reserved, begun: null);
        LockTrace.End(Trace, "in doubt");
        base.OnOutcomeUnknown();
    }

    /// <inheritdoc/>
    public override void OnDropped()
    {
        OnNotSent();
        base.OnDropped();
    }

    /// <inheritdoc/>
    public override void OnNotSent()
    {
        Session.Footprints.Complete(reserved, begun: null);
        LockTrace.End(Trace, "leadership lost");
    }
}

/// <summary>A lock, or the wait for it, is given up.</summary>
internal sealed class ReleaseProposal(SessionChannel channel) : SessionCommand(channel)
{
    /// <summary>
    /// A release within the grace of a revoke is recorded as that revoke, whose reason it carries. The client hears no
    /// difference.
    /// </summary>
    public override void WriteTo(EntryWriter writer)
    {
        if (Concerns is { } request && Session.Revocations.EndedBy(request, Revocations.Released) is { } revoked)
        {
            writer.Add(revoked);
        }
        else
        {
            writer.Add(new ReleaseCommand(Session.Namespace.Name, Session.Id, Channel.Name, Principal));
        }
    }

    /// <summary>
    /// A release that crossed an abandon, timeout or revoke is no error: there is no lock any more, as was asked for.
    /// </summary>
    public override void OnApplied(in LockEvent reply)
    {
        if (reply is { Kind: EventKind.Rejected, Reason: RejectReason.NothingLive or RejectReason.NoSuchRequest })
        {
            Session.AppliedAs(Channel, ReplyKind.Released);
        }
        else
        {
            base.OnApplied(reply.Kind == EventKind.Revoked ? reply with { Kind = EventKind.Released } : reply);
        }
    }
}

/// <summary>
/// A held lock's writes become reads. Names the id, so that a late one never hits the channel's next lock.
/// </summary>
internal sealed class DowngradeProposal(SessionChannel channel, LockRequest request) : SessionCommand(channel)
{
    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) =>
        writer.Add(new DowngradeCommand(request.Namespace, request.Id, Principal));

    /// <summary>One that only reads has what it asks for; one that crossed the lock's end is no error.</summary>
    public override void OnApplied(in LockEvent reply)
    {
        switch (reply)
        {
            case { Kind: EventKind.Downgraded } or { Reason: RejectReason.OnlyReads }:
                Session.AppliedAs(Channel, ReplyKind.Downgraded);
                break;
            case { Reason: RejectReason.NoSuchRequest }:
                Session.AppliedAs(Channel, ReplyKind.DowngradeCrossed);
                break;
            default:
                base.OnApplied(reply);
                break;
        }
    }
}
