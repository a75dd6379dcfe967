// What a client's message means where its connection stands: a command to be sent on its way, an answer at once, or the
// end.
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions.Wire;

/// <content>Messages.</content>
internal sealed partial class Connection
{
    [ThreadStatic]
    private static ClientMessage? message;

    private ParsedMessage Parse(in Received received, LeaderSessions sessions, Session session)
    {
        message ??= new ClientMessage();
        if ((received.Refusal ?? rules.Parser.Parse(received.Bytes.Span, message)) is { } unclear)
        {
            return new ParsedMessage(CloseReason.ClientError(unclear));
        }

        if (message.Action == ClientAction.Ping)
        {
            return new ParsedMessage(Answer: ProtocolMapper.Pong(message));
        }

        if (FindChannel(session, out var none) is not { } channel)
        {
            return none;
        }

        if (channel.ProtocolState.Accept(message.Action) is { } error)
        {
            return new ParsedMessage(CloseReason.ClientError(error));
        }

        if (message.Action == ClientAction.Downgrade)
        {
            return Admission.KnowsEndings(sessions)
                ? new ParsedMessage(Channel: channel)
                : new ParsedMessage(CloseReason.NotYetSupported);
        }

        if (message.Action == ClientAction.Lock && Limit(sessions, session) is { } limit)
        {
            if (!session.IsExtended)
            {
                return new ParsedMessage(limit);
            }

            channel.ProtocolState.Refused();
            return new ParsedMessage(Channel: channel, Limit: limit);
        }

        return new ParsedMessage(Command: ProtocolMapper.Command(channel, message, traceParent));
    }

    // A lock opens its channel; anything else needs one that is known, or has been forgotten while the message was on
    // its way.
    private SessionChannel? FindChannel(Session session, out ParsedMessage none)
    {
        none = default;
        if (message!.Action == ClientAction.Lock)
        {
            if (session.Channel(message.Channel, rules.MaxChannels) is { } opened)
            {
                return opened;
            }

            none = session.IsExtended
                ? new ParsedMessage(Answer: ProtocolMapper.OverLimit(message.Channel, CloseReason.TooManyChannels))
                : new ParsedMessage(CloseReason.TooManyChannels);
            return null;
        }

        if (session.FindChannel(message.Channel, out var hasForgotten) is { } known)
        {
            return known;
        }

        none = hasForgotten
            ? new ParsedMessage(Answer: ProtocolMapper.Crossed(message))
            : new ParsedMessage(CloseReason.ClientError(new ChannelProtocol().Accept(message.Action)!));
        return null;
    }

    private CloseReason? Limit(LeaderSessions sessions, Session session) =>
        message!.WaitTimeoutMs > 0 && !Admission.KnowsEndings(sessions)
            ? CloseReason.NotYetSupported
            : rules.Admission.Refuse(sessions, session.Namespace, message.WaitTimeoutMs != 0);

    /// <summary>
    /// What is to be done about a message: close the connection, send a command on its way, answer at once,
    /// or on a channel that has been answered so far refuse the lock because of a limit, or downgrade.
    /// </summary>
    private readonly record struct ParsedMessage(
        CloseReason? Last = null,
        SessionCommand? Command = null,
        SessionChannel? Channel = null,
        CloseReason? Limit = null,
        SessionReply Answer = default
    );
}
