// The reading side of a connection: receives messages, and does what each means where the connection stands: sends a
// command on its way, answers at once, or ends the connection.
using System.Buffers;
using System.Net.WebSockets;
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions.Wire;

/// <content>Messages.</content>
internal sealed partial class Connection
{
    [ThreadStatic]
    private static ClientMessage? message;

    /// <summary>Reads until there is a reason to end; null if the client is gone.</summary>
    private async Task<CloseReason?> ReadAsync(LeaderSessions sessions, Session session)
    {
        using var reader = new MessageReader(socket, rules.MessageLimits);
        try
        {
            while (true)
            {
                if (await reader.ReceiveAsync() is not { } received)
                {
                    session.End();
                    return CloseReason.Answering(socket.CloseStatus);
                }

                outbox.Expect(received.Length);
                if (await HandleAsync(received.Span, sessions, session) is { } why)
                {
                    // A message that ends the connection has no other answer.
                    outbox.Answered();
                    return why;
                }

                var room = outbox.WaitForRoomAsync();
                if (!room.IsCompleted)
                {
                    reader.Dispose();
                    await room;
                }
            }
        }
        catch (WireProtocolException broken)
        {
            return CloseReason.ClientError(broken.Refusal);
        }
        catch (Exception e) when (IsGone(e))
        {
            return null;
        }
    }

    /// <summary>Does what a message asks for; returns why the connection is to be closed, or null.</summary>
    private ValueTask<CloseReason?> HandleAsync(ReadOnlySpan<byte> bytes, LeaderSessions sessions, Session session)
    {
        // Read to its end before anything is waited for: the thread's next message takes its place.
        message ??= new ClientMessage();
        if (rules.Parser.Parse(bytes, message) is { } unclear)
        {
            return Closing(CloseReason.ClientError(unclear));
        }

        return message.Action switch
        {
            ClientAction.Lock => LockAsync(message, sessions, session),
            ClientAction.Release => FindChannel(message, session, out var answer) is { } channel
                ? session.ProposeAsync(new ReleaseProposal(channel))
                : answer,
            ClientAction.Downgrade => FindChannel(message, session, out var answer) is not { } channel ? answer
            : Admission.KnowsEndings(sessions) ? session.DowngradeAsync(channel)
            : Closing(CloseReason.NotYetSupported),
            ClientAction.Ping => Answer(session, ProtocolMapper.Pong(message)),
        };
    }

    // A lock opens its channel.
    private ValueTask<CloseReason?> LockAsync(ClientMessage message, LeaderSessions sessions, Session session)
    {
        if (session.Channel(message.Channel, rules.MaxChannels) is not { } channel)
        {
            return session.IsExtended
                ? Answer(session, ProtocolMapper.OverLimit(message.Channel, CloseReason.TooManyChannels))
                : Closing(CloseReason.TooManyChannels);
        }

        if (channel.ProtocolState.Accept(ClientAction.Lock) is { } error)
        {
            return Closing(CloseReason.ClientError(error));
        }

        var limit = Limit(message, sessions, session);
        var asked = limit is null ? ProtocolMapper.Lock(channel, message, traceParent) : null;
        limit ??= MayLock(session, asked!) ? Reserve(asked!) : CloseReason.NoRight;
        if (limit is null)
        {
            return session.ProposeAsync(asked!);
        }

        if (!session.IsExtended)
        {
            return Closing(limit);
        }

        channel.ProtocolState.Refused();
        return session.RefuseAsync(channel, limit);
    }

    private CloseReason? Reserve(LockProposal asked)
    {
        var full = rules.Admission.Reserve(asked);
        if (full is not null)
        {
            LockTrace.End(asked.Trace, "over budget");
        }

        return full;
    }

    private bool MayLock(Session session, LockProposal asked)
    {
        if (caller is null || caller.MayLock(session.Namespace.Name.Span, asked.Resources))
        {
            return true;
        }

        LockTrace.End(asked.Trace, "no right");
        var space = session.Namespace.Name.Span;
        rules.Audit?.LockRefused(caller.Name, space, asked.Resources, peer ?? "unknown");
        return false;
    }

    // Anything but a lock needs a channel that is known, or has been forgotten while the message was on its way.
    private static SessionChannel? FindChannel(ClientMessage message, Session session, out ValueTask<CloseReason?> none)
    {
        none = default;
        if (session.FindChannel(message.Channel, out var hasForgotten) is { } known)
        {
            if (known.ProtocolState.Accept(message.Action) is not { } error)
            {
                return known;
            }

            none = Closing(CloseReason.ClientError(error));
            return null;
        }

        none = hasForgotten
            ? Answer(session, ProtocolMapper.Crossed(message))
            : Closing(CloseReason.ClientError(new ChannelProtocol().Accept(message.Action)!));
        return null;
    }

    private CloseReason? Limit(ClientMessage message, LeaderSessions sessions, Session session) =>
        message.WaitTimeoutMs > 0 && !Admission.KnowsEndings(sessions)
            ? CloseReason.NotYetSupported
            : rules.Admission.Refuse(sessions, session.Namespace, message.WaitTimeoutMs != 0)
                ?? rules.Rates?.Refuse(session.Flow);

    private static ValueTask<CloseReason?> Answer(Session session, in SessionReply reply)
    {
        session.Answer(reply);
        return default;
    }

    private static ValueTask<CloseReason?> Closing(CloseReason why) => ValueTask.FromResult<CloseReason?>(why);

    /// <summary>
    /// Receives the text messages of one connection, one at a time. While the client is silent it has no buffer.
    /// </summary>
    private sealed class MessageReader(WebSocket socket, MessageLimits limits) : IDisposable
    {
        private const int FirstBufferBytes = 4096;

        private byte[]? buffer;

        /// <summary>Waits for the next message and receives it whole; null if the client closes instead.</summary>
        /// <returns>Bytes that are valid until the next message is received.</returns>
        /// <exception cref="WireProtocolException">The client sent what is no message.</exception>
        public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync()
        {
            var arriving = socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (!arriving.IsCompleted)
            {
                Dispose();
            }

            var part = await arriving;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (part.MessageType == WebSocketMessageType.Binary)
            {
                throw new WireProtocolException(Refusal.BadInput("a binary message: send JSON in a text message"));
            }

            buffer ??= ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
            var length = part.Count;
            while (!part.EndOfMessage)
            {
                if (length == buffer.Length)
                {
                    Grow(length);
                }

                part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
                if (length > limits.MaxMessageBytes)
                {
                    throw new WireProtocolException(MessageParser.TooLarge(limits));
                }
            }

            return buffer.AsMemory(0, length);
        }

        /// <summary>Gives the buffer back.</summary>
        public void Dispose()
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = null;
            }
        }

        private void Grow(int length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(length * 2);
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer!);
            buffer = larger;
        }
    }
}
