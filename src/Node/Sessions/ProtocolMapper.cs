// The only file that knows both the wire's words and the state machine's.
using System.Diagnostics;
using System.Text;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.Protocol;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions;

/// <summary>From messages to commands and from events to replies.</summary>
internal static class ProtocolMapper
{
    [ThreadStatic]
    private static ResourceSetBuilder? builder;

    /// <summary>The resources of a lock message, as the log has them.</summary>
    public static ResourceSet Resources(ClientMessage message)
    {
        builder ??= new ResourceSetBuilder();
        for (var i = 0; i < message.ResourceCount; i++)
        {
            builder.Begin(message.ModeOf(i) == AccessMode.Read ? Access.Read : Access.Write);
            for (var j = 0; j < message.SegmentCountOf(i); j++)
            {
                builder.Segment(message.Segment(i, j));
            }
        }

        return builder.Build();
    }

    /// <summary>Reads resources that somebody asks about, as those of a lock are read.</summary>
    /// <param name="parser">Reads messages.</param>
    /// <param name="json">The value of a lock's <c>resources</c>.</param>
    /// <param name="resources">The resources; null if something is wrong with them.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static string? ParseResources(MessageParser parser, string json, out ResourceSet? resources)
    {
        var message = new ClientMessage();
        var refusal = parser.Parse(Encoding.UTF8.GetBytes($$"""{"action":"lock","resources":{{json}}}"""), message);
        resources = refusal is null ? Resources(message) : null;
        return refusal?.Reason;
    }

    /// <summary>The command for a lock.</summary>
    /// <param name="channel">On which channel.</param>
    /// <param name="message">What the client says.</param>
    /// <param name="traceParent">The trace that its handshake named, if any.</param>
    public static LockProposal Lock(SessionChannel channel, ClientMessage message, string? traceParent) =>
        new(
            channel,
            Resources(message),
            message.WaitTimeoutMs,
            message.HasLabel ? (ReadOnlyMemory<byte>?)message.Label.ToArray() : null,
            message.Ref.ToArray()
        )
        {
            Trace = LockTrace.IsOn ? LockTrace.Begin(message.TraceParent, traceParent) : null,
        };

    /// <summary>
    /// The reply to a session's client for an event that answers its command; null for one that should not have been.
    /// </summary>
    public static SessionReply? Reply(in LockEvent happened, SessionChannel channel)
    {
        ReplyKind? kind = happened switch
        {
            { Kind: EventKind.Acquired } => ReplyKind.Acquired,
            { Kind: EventKind.Enqueued } => ReplyKind.Enqueued,
            { Kind: EventKind.Released } => ReplyKind.Released,
            { Kind: EventKind.Rejected, Reason: RejectReason.Busy } => ReplyKind.Busy,
            _ => null,
        };
        return kind is { } known ? new SessionReply(happened.Id, known, channel.ProtocolState.ChannelField) : null;
    }

    /// <summary>Where a channel of a resumed session stands.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="why">Why it is ready, where that is known.</param>
    /// <param name="others">How many such messages of other channels follow.</param>
    public static SessionReply Resumed(SessionChannel channel, TerminationReason why, int others)
    {
        var live = channel.Live is { } request
            ? new RequestInfo(
                request.Id,
                channel.IsAcquired ? ConnectionState.Acquired : ConnectionState.Enqueued,
                request.Ref,
                Resources(request.Resources),
                request.AbandonTimeoutMs
            )
            : null;
        return new SessionReply(
            live?.Id ?? 0,
            ReplyKind.Resumed,
            Notices.Resume(channel.Name, live, Reason(why), others)
        );
    }

    /// <summary>A lock is refused because a limit is reached.</summary>
    public static SessionReply OverLimit(ReadOnlySpan<byte> channel, CloseReason limit) =>
        new(0, ReplyKind.OverLimit, Notices.OverLimit(channel, limit.Limit!, limit.Reason));

    /// <summary>
    /// The answer on a channel that has been forgotten to what was sent before its lock's end could be known.
    /// </summary>
    public static SessionReply Crossed(ClientMessage message) =>
        new(
            0,
            message.Action switch
            {
                ClientAction.Release => ReplyKind.Released,
                ClientAction.Downgrade => ReplyKind.DowngradeCrossed,
                ClientAction.Lock or ClientAction.Ping => throw new UnreachableException(
                    $"{message.Action} concerns no lock that could have ended."
                ),
            },
            Replies.ChannelField(message.Channel)
        );

    /// <summary>A request is to be given up within a grace, or has been taken away.</summary>
    public static SessionReply Revoke(
        SessionChannel channel,
        ulong id,
        bool isOver,
        ReadOnlyMemory<byte> reason,
        long graceMs
    )
    {
        var state =
            isOver ? ConnectionState.Ready
            : channel.IsAcquired ? ConnectionState.Acquired
            : ConnectionState.Enqueued;
        return new SessionReply(id, ReplyKind.Notice, Notices.Revoke(channel.Name, id, state, reason.Span, graceMs));
    }

    /// <summary>A waiter's position in the queue.</summary>
    public static SessionReply Progress(SessionChannel channel, ulong id, QueuePosition position, long nowMs)
    {
        // Whoever may not see the blocker is not told how it calls itself.
        var caller = channel.Session.Connection.Caller;
        BlockerInfo? info = position.Blocker is { } blocker
            ? new BlockerInfo(
                blocker.Id,
                position.BlockerHolds ? ConnectionState.Acquired : ConnectionState.Enqueued,
                caller?.MayObserve(blocker) == false ? default : blocker.Label,
                Math.Max(0, nowMs - (position.BlockerHolds ? blocker.AcquiredAtMs : blocker.EnqueuedAtMs))
            )
            : null;
        return new SessionReply(id, ReplyKind.Progress, Notices.Progress(channel.Name, id, position.Position, info));
    }

    /// <summary>The answer to a ping.</summary>
    public static SessionReply Pong(ClientMessage message) => new(0, ReplyKind.Pong, Replies.Pong(message.Ref));

    /// <summary>How many bytes a reply takes at most.</summary>
    public static int RoomFor(in SessionReply reply) => Replies.MaxBytes + (reply.Text?.Length ?? 0);

    /// <summary>Writes a reply as the wire has it; not one that is whole already.</summary>
    public static int Write(Span<byte> into, in SessionReply reply)
    {
        var (action, state, reason) = reply.Kind switch
        {
            ReplyKind.Acquired or ReplyKind.AcquiredLater => (
                ClientAction.Lock,
                ConnectionState.Acquired,
                EndReason.None
            ),
            ReplyKind.Enqueued => (ClientAction.Lock, ConnectionState.Enqueued, EndReason.None),
            ReplyKind.Busy => (ClientAction.Lock, ConnectionState.Ready, EndReason.Busy),
            ReplyKind.TimedOut => (ClientAction.Lock, ConnectionState.Ready, EndReason.Timeout),
            ReplyKind.Released => (ClientAction.Release, ConnectionState.Ready, EndReason.None),
            ReplyKind.Downgraded => (ClientAction.Downgrade, ConnectionState.Acquired, EndReason.None),
            ReplyKind.DowngradeCrossed => (ClientAction.Downgrade, ConnectionState.Ready, EndReason.None),
            ReplyKind.OverLimit or ReplyKind.Resumed or ReplyKind.Pong or ReplyKind.Notice or ReplyKind.Progress =>
                throw new UnreachableException($"A reply of the kind {reply.Kind} is whole already."),
        };
        return Replies.Write(into, reply.Id, action, state, reply.Text, reason);
    }

    private static List<ResourceInfo> Resources(ResourceSet resources)
    {
        var infos = new List<ResourceInfo>();
        foreach (var resource in resources)
        {
            var path = new List<ReadOnlyMemory<byte>>();
            foreach (var segment in resource)
            {
                path.Add(segment.ToArray());
            }

            infos.Add(new ResourceInfo(resource.Access == Access.Read ? AccessMode.Read : AccessMode.Write, path));
        }

        return infos;
    }

    private static EndReason Reason(TerminationReason how) =>
        how switch
        {
            TerminationReason.Abandoned => EndReason.Abandoned,
            TerminationReason.TimedOut => EndReason.Timeout,
            TerminationReason.Revoked => EndReason.Revoked,
            TerminationReason.None => EndReason.None,
        };
}

/// <summary>The state of a channel's protocol (what the client may say next), and how its replies begin.</summary>
internal sealed class ChannelProtocolState(ReadOnlySpan<byte> channel, bool hasLock = false) : ChannelProtocol(hasLock)
{
    /// <summary>The channel as its replies have it; null for the main one.</summary>
    public byte[]? ChannelField { get; } = channel.IsEmpty ? null : Replies.ChannelField(channel);
}
