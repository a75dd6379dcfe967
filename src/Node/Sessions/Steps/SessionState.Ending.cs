// The end of a session's connection, and what a token adds: the session outlives its connection, and the next
// connection with the token resumes it.
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Sessions.Steps;

/// <content>Ending and resuming.</content>
internal sealed partial class SessionState
{
    private Succession? succession;
    private SessionState? heir;
    private int abandoning;
    private bool hasEnded;
    private bool isSuperseded;
    private bool isDetached;
    private long endedAt;

    /// <summary>Whether its connection has ended. Any thread may ask.</summary>
    public bool HasEnded => Volatile.Read(ref hasEnded);

    /// <summary>Why a connection is closed that sends something although its session is over.</summary>
    public CloseReason WhyOver => isSuperseded ? CloseReason.Replaced : CloseReason.LeadershipLost;

    /// <summary>Whether nothing that its connection or its abandon timeout sent is on its way.</summary>
    public bool IsSettled => inFlight == 0 && abandoning == 0;

    /// <summary>Whether the outcome of something that was sent will never be known here.</summary>
    public bool IsOutcomeUnknown { get; private set; }

    /// <summary>
    /// Its connection has ended. What is left of it is decided now, or when its last command is applied.
    /// </summary>
    public void ConnectionLost(long now, EffectList effects)
    {
        if (!hasEnded)
        {
            hasEnded = true;
            endedAt = now;
            DecideIfOver(effects);
        }
    }

    /// <summary>
    /// A request was found in the log's state when this leadership began; the connection that it belonged to is gone.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="since">When this leadership began.</param>
    /// <param name="leastTimeoutMs">How long a deposed leader may serve its connections.</param>
    /// <param name="effects">What is to be done.</param>
    public void AdoptedFromLog(LockRequest request, long since, long leastTimeoutMs, EffectList effects)
    {
        hasEnded = true;
        isDetached = true;
        var channel = Adopt(request, request.IsAcquired, effects);
        if (!channel.IsAcquired)
        {
            SetWaitLimit(channel, since, effects);
        }

        SetAbandon(channel, since, leastTimeoutMs, effects);
    }

    /// <summary>It will resume what another connection with the same token has, which is closed.</summary>
    public void Supersede(SessionState current, long now, EffectList effects) =>
        succession = Succession.Begin(current, this, now, effects);

    /// <summary>
    /// The connection wants to know where its session stands. Its turn comes when all that the old connection sent is
    /// settled.
    /// </summary>
    /// <param name="known">How the node ended the session's last lock, as far as that is remembered.</param>
    /// <param name="effects">What is to be done.</param>
    public Turn Resume(TerminationReason known, EffectList effects)
    {
        if (isSuperseded)
        {
            return Turn.Never;
        }

        if (succession is { IsOutcomeUnknown: true })
        {
            effects.CloseConnection(owner.Connection, CloseReason.OutcomeUnknown);
            return Turn.Never;
        }

        if (succession is { IsReady: false })
        {
            return Turn.Later;
        }

        succession?.Complete(this, effects);
        succession = null;
        lastTermination ??= known;
        SendWhereItStands(effects);
        DecideIfOver(effects);
        return Turn.Now;
    }

    /// <summary>
    /// An abandon is about to be proposed. False if it must not be: somebody has come back, or the request has ended.
    /// </summary>
    public bool AbandonDue(LockRequest request)
    {
        if (isSuperseded || succession is not null || Find(request) is null)
        {
            return false;
        }

        abandoning++;
        return true;
    }

    /// <summary>The outcome of an abandon is known, or never will be.</summary>
    public void AbandonCompleted(bool isOutcomeUnknown, EffectList effects)
    {
        abandoning--;
        IsOutcomeUnknown |= isOutcomeUnknown;
        effects.Change();
    }

    /// <summary>
    /// Another connection resumes the session: this one sends nothing more. Returns who has what the session has.
    /// </summary>
    internal SessionState GiveWayTo(SessionState newer, long now, EffectList effects)
    {
        isSuperseded = true;
        if (!hasEnded)
        {
            hasEnded = true;
            endedAt = now;
        }

        effects.CloseConnection(owner.Connection, CloseReason.Replaced);
        effects.Change();
        if (succession is not { } mine)
        {
            return this;
        }

        // It has not resumed yet, and never will.
        succession = null;
        heir = newer;
        return mine.Old;
    }

    /// <summary>All that the session has goes to the connection that resumes it.</summary>
    internal void MoveTo(SessionState newer, EffectList effects)
    {
        heir = newer;
        foreach (var channel in AllLive())
        {
            var taken = newer.Adopt(channel.Live!, channel.IsAcquired, effects);
            if (!channel.IsAcquired)
            {
                effects.WaitEnded(owner.Namespace);
            }

            CancelAbandon(channel, effects);
            channel.MoveTo(taken);
        }

        newer.lastTermination ??= lastTermination;
    }

    private SessionChannel Adopt(LockRequest request, bool isAcquired, EffectList effects)
    {
        var channel = new SessionChannel(owner, request, isAcquired);
        if (channel.Name.Length == 0)
        {
            Main = channel;
        }
        else
        {
            others ??= new ChannelTable(owner);
            others.Add(channel);
        }

        if (!isAcquired)
        {
            effects.WaitBegun(owner.Namespace);
            WatchPosition(channel, effects);
        }

        return channel;
    }

    private void DecideIfOver(EffectList effects)
    {
        // A connection that is superseded, or has yet to resume, does not decide what becomes of the session.
        if (!hasEnded || inFlight > 0 || IsOutcomeUnknown || isSuperseded || succession is not null)
        {
            return;
        }

        if (owner.Id.Resumable)
        {
            Detach(effects);
        }
        else
        {
            End(effects);
        }
    }

    // What is live lives on for its abandon timeout, and the session as long as something is live.
    private void Detach(EffectList effects)
    {
        if (!isDetached)
        {
            isDetached = true;
            foreach (var channel in AllLive())
            {
                SetAbandon(channel, endedAt, leastTimeoutMs: 0, effects);
            }
        }

        if (!AllLive().Any())
        {
            effects.ForgetSession(owner);
        }
    }

    // Nobody can come back for what is live.
    private void End(EffectList effects)
    {
        effects.ForgetSession(owner);
        foreach (var channel in AllLive())
        {
            var request = channel.Live!;
            if (!channel.IsAcquired)
            {
                effects.WaitEnded(owner.Namespace);
                CancelWaitLimit(channel, effects);
            }

            var deadline = Deadline.OfAbandon(request, channel.IsAcquired, endedAt);
            effects.SetDeadline(new AbandonProposal(home, request) { Deadline = deadline });
            channel.End(effects);
        }
    }

    private void SetAbandon(SessionChannel channel, long since, long leastTimeoutMs, EffectList effects)
    {
        var request = channel.Live!;
        var deadline = Deadline.OfAbandon(request, channel.IsAcquired, since, leastTimeoutMs);
        channel.Abandon = new AbandonProposal(home, request, owner) { Deadline = deadline };
        effects.SetDeadline(channel.Abandon);
    }

    private void SendWhereItStands(EffectList effects)
    {
        var named = AllLive().Where(channel => channel.Name.Length > 0).ToArray();
        effects.SendReply(
            owner.Connection,
            ProtocolMapper.Resumed(Main, lastTermination ?? TerminationReason.None, named.Length)
        );
        foreach (var channel in named)
        {
            effects.SendReply(owner.Connection, ProtocolMapper.Resumed(channel, TerminationReason.None, 0));
        }

        foreach (var channel in AllLive())
        {
            effects.RepeatRevocation(owner, channel.Live!);
        }
    }
}
