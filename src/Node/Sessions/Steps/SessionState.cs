// What a session of this leadership has, and what becomes of it: commands on their way, channels, and the end of its
// connection. It is pure: each method is a step, which takes what has happened, changes this state, and adds to a list
// what is to be done. It reads no clock, waits for nothing and calls nobody; so its rules can be read, and tested,
// without threads. Steps are made one at a time (StepQueue), those that tell what the log brought in the order of the
// log. SessionState.Requests.cs tells of requests, SessionState.Ending.cs of a connection's end and of resuming.
using System.Diagnostics;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions.Steps;

/// <summary>The state of a session: a main channel, and others by name.</summary>
internal sealed partial class SessionState(Session owner, LeaderSessions home)
{
    private ChannelTable? others;
    private int inFlight;

    /// <summary>The channel that has no name.</summary>
    public SessionChannel Main { get; private set; } = new(owner, []);

    /// <summary>The channel of that name, if there is one.</summary>
    /// <param name="name">Its name, UTF-8; empty for the main one.</param>
    /// <param name="hasForgotten">Whether it may be one that was forgotten while a message was on its way to
    /// it.</param>
    public SessionChannel? FindChannel(ReadOnlySpan<byte> name, out bool hasForgotten)
    {
        hasForgotten = others is { HasForgotten: true };
        return name.IsEmpty ? Main : others?.Find(name);
    }

    /// <summary>The channel of that name, opened if need be; null if there would be too many in use.</summary>
    public SessionChannel? OpenChannel(ReadOnlySpan<byte> name, int maxInUse)
    {
        if (name.IsEmpty)
        {
            return Main;
        }

        others ??= new ChannelTable(owner);
        return others.Get(name, maxInUse);
    }

    /// <summary>The connection sends a command on its way. False if it may not any more.</summary>
    public bool CommandSent(SessionCommand command)
    {
        if (hasEnded)
        {
            return false;
        }

        if (command.Channel.InFlight == 0)
        {
            command.Concerns = command.Channel.Live;
        }

        inFlight++;
        command.Channel.InFlight++;
        return true;
    }

    /// <summary>One of its commands was applied, and a request began or ended by it.</summary>
    /// <param name="channel">The command's channel.</param>
    /// <param name="happened">What came of the command.</param>
    /// <param name="trace">The span of a traced lock that waits.</param>
    /// <param name="now">Reading of the clock.</param>
    /// <param name="effects">What is to be done.</param>
    public void CommandApplied(
        SessionChannel channel,
        in LockEvent happened,
        Activity? trace,
        long now,
        EffectList effects
    )
    {
        switch (happened.Kind)
        {
            case EventKind.Acquired or EventKind.Enqueued:
                Begin(channel, happened.Request!, happened.Kind == EventKind.Acquired, now, effects);
                channel.Trace = trace;
                break;
            // A lock whose own outcome is not known never began here: this leadership is about to end.
            case EventKind.Released when channel.Live is not null:
                Leave(channel, TerminationReason.None, effects);
                channel.End(effects);
                break;
            case EventKind.Rejected when happened.Reason == RejectReason.Busy:
                channel.RefuseAsBusy();
                break;
        }

        var reply = ProtocolMapper.Reply(happened, channel);
        if (reply is { } told)
        {
            effects.SendReply(owner.Connection, told);
        }

        Complete(channel, effects);
        if (reply is null)
        {
            effects.CloseConnection(owner.Connection, CloseReason.OutOfStep);
        }
    }

    /// <summary>One of its commands was applied, and is answered so; nothing begins or ends by it.</summary>
    public void CommandAnswered(SessionChannel channel, ReplyKind answer, EffectList effects)
    {
        effects.SendReply(
            owner.Connection,
            new SessionReply(channel.LastId, answer, channel.ProtocolState.ChannelField)
        );
        Complete(channel, effects);
    }

    /// <summary>The outcome of one of its commands will never be known here: leadership is over.</summary>
    public void CommandOutcomeUnknown(SessionChannel channel, EffectList effects)
    {
        IsOutcomeUnknown = true;
        Complete(channel, effects);
        effects.CloseConnection(owner.Connection, CloseReason.OutcomeUnknown);
    }

    /// <summary>One of its commands was never proposed: leadership is over.</summary>
    public void CommandDropped(SessionChannel channel, EffectList effects)
    {
        Complete(channel, effects);
        effects.CloseConnection(owner.Connection, CloseReason.LeadershipLost);
    }

    /// <summary>A limit forbids a lock; the refusal is sent when what came before on the channel is answered.</summary>
    public Turn LockRefused(SessionChannel channel, CloseReason limit, EffectList effects)
    {
        if (hasEnded)
        {
            return Turn.Closing(WhyOver);
        }

        if (channel.InFlight > 0)
        {
            return Turn.Later;
        }

        effects.SendReply(owner.Connection, ProtocolMapper.OverLimit(channel.Name, limit));
        return Turn.Now;
    }

    /// <summary>
    /// The client wishes a downgrade. It is sent on its way when what was sent before on the channel is
    /// answered: only then is it known which lock it concerns.
    /// </summary>
    public Turn DowngradeAsked(SessionChannel channel, EffectList effects)
    {
        if (hasEnded)
        {
            return Turn.Closing(WhyOver);
        }

        if (channel.InFlight > 0)
        {
            return Turn.Later;
        }

        if (channel.Live is not { } held)
        {
            // The lock has ended meanwhile.
            effects.SendReply(
                owner.Connection,
                new SessionReply(channel.LastId, ReplyKind.DowngradeCrossed, channel.ProtocolState.ChannelField)
            );
            return Turn.Now;
        }

        if (!channel.IsAcquired)
        {
            return Turn.Closing(CloseReason.DowngradeWhileWaiting);
        }

        var command = new DowngradeProposal(channel, held);
        CommandSent(command);
        return Turn.Now with { Command = command };
    }

    private void Complete(SessionChannel channel, EffectList effects)
    {
        inFlight--;
        channel.InFlight--;
        effects.Change();
        DecideIfOver(effects);
    }

    private SessionChannel? Find(LockRequest request) =>
        ReferenceEquals(Main.Live, request) ? Main
        : others?.Find(request.Channel.Span) is { } other && ReferenceEquals(other.Live, request) ? other
        : null;

    private IEnumerable<SessionChannel> AllLive()
    {
        if (Main.Live is not null)
        {
            yield return Main;
        }

        foreach (var other in others?.All ?? [])
        {
            if (other.Live is not null)
            {
                yield return other;
            }
        }
    }
}
