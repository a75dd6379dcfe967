// The only file that knows both the wire's words and the state machine's.
using RaftLocks.Protocol;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>From messages to commands and from events to replies.</summary>
internal static class Translation
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

    /// <summary>The command for a message of a session.</summary>
    public static SessionCommand Command(Session session, ClientMessage message) => message.Action == ClientAction.Lock
        ? new LockProposal(session, Resources(message))
        : new ReleaseProposal(session);

    /// <summary>What a session is told of an event that answers its command; null for a rejection.</summary>
    public static SessionReply? Reply(in LockEvent happened) => happened.Kind switch
    {
        EventKind.Acquired => new SessionReply(happened.Id, ReplyKind.Acquired),
        EventKind.Enqueued => new SessionReply(happened.Id, ReplyKind.Enqueued),
        EventKind.Released => new SessionReply(happened.Id, ReplyKind.Released),
        _ => null,
    };

    /// <summary>Writes a reply as the wire has it.</summary>
    public static int Write(Span<byte> into, in SessionReply reply) => reply.Kind switch
    {
        ReplyKind.Enqueued => Replies.Write(into, reply.Id, ClientAction.Lock, ConnectionState.Enqueued),
        ReplyKind.Released => Replies.Write(into, reply.Id, ClientAction.Release, ConnectionState.Ready),
        _ => Replies.Write(into, reply.Id, ClientAction.Lock, ConnectionState.Acquired),
    };
}
