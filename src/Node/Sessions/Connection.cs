// One WebSocket connection: reads messages, sends them on their way as commands, writes the replies in order, and ends in one of
// three ways: the client closes or is gone, it makes a mistake, or the node says farewell.
using System.Buffers;
using System.Net.WebSockets;
using RaftLocks.Node.Settings;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions;

/// <summary>A connection of a client.</summary>
internal sealed class Connection(WebSocket socket, CoalescingStream stream, ConnectionRules rules, string? traceParent = null) : ISessionPeer
{
    [ThreadStatic]
    private static ClientMessage? message;

    private static readonly TimeSpan CloseHandshake = TimeSpan.FromMilliseconds(Limits.CloseHandshakeMs);

    private readonly Outbox outbox = new();

    /// <summary>Serves the connection until it has ended.</summary>
    public async Task RunAsync(LeaderSessions sessions, NamespaceUse use, long abandonTimeoutMs, SessionTraits? traits)
    {
        var session = sessions.Open(use, abandonTimeoutMs, this, traits);
        var writing = WriteAsync(sessions, session);
        if (!session.Id.Resumable || await session.TakeOverAsync())
        {
            var last = await ReadAsync(sessions, session);
            if (last is null)
            {
                session.End();
                outbox.Break();
            }
            else
            {
                outbox.Close(last);
            }
        }

        await writing;
        session.End();
        await FinishAsync();
    }

    /// <inheritdoc/>
    public void Reply(in SessionReply reply) => outbox.Add(reply);

    /// <inheritdoc/>
    public void Close(Farewell farewell) => outbox.Close(farewell);

    /// <inheritdoc/>
    public void Abort() => socket.Abort();

    private static bool IsGone(Exception e) =>
        e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    /// <summary>Reads until there is a reason to end; null if the client is gone.</summary>
    private async Task<Farewell?> ReadAsync(LeaderSessions sessions, Session session)
    {
        using var reader = new MessageReader(socket, rules.MessageLimits);
        try
        {
            while (true)
            {
                var received = await reader.ReceiveAsync();
                if (received.IsClose)
                {
                    session.End();
                    return Farewell.Normal;
                }

                var understood = Understand(received, sessions, session);
                if (understood.Last is { } mistake)
                {
                    return mistake;
                }

                outbox.Expect(received.Bytes.Length);
                if (understood.Downgrade is { } held)
                {
                    if (await session.DowngradeAsync(held) is { } refused)
                    {
                        outbox.Answered();
                        return refused;
                    }
                }
                else if (understood.Command is null)
                {
                    outbox.Add(understood.Answer);
                }
                else if (!await session.ProposeAsync(understood.Command))
                {
                    return Farewell.LeadershipLost;
                }

                var room = outbox.WaitForRoomAsync();
                if (!room.IsCompleted)
                {
                    reader.Dispose();
                    await room;
                }
            }
        }
        catch (Exception e) when (IsGone(e))
        {
            return null;
        }
    }

    private Understood Understand(in Received received, LeaderSessions sessions, Session session)
    {
        message ??= new ClientMessage();
        if ((received.Refusal ?? rules.Parser.Parse(received.Bytes.Span, message)) is { } unclear)
        {
            return new Understood(Farewell.Mistake(unclear));
        }

        if (message.Action == ClientAction.Ping)
        {
            return new Understood(Answer: Translation.Pong(message));
        }

        if (session.Channel(message.Channel, rules.MaxChannels) is not { } channel)
        {
            return new Understood(Farewell.TooManyChannels);
        }

        if (channel.Talk.Accept(message.Action) is { } mistake)
        {
            return new Understood(Farewell.Mistake(mistake));
        }

        if ((message.Action == ClientAction.Downgrade || message.WaitTimeoutMs > 0) && !Admission.KnowsEndings(sessions))
        {
            return new Understood(Farewell.NotYetSupported);
        }

        if (message.Action == ClientAction.Downgrade)
        {
            return new Understood(Downgrade: channel);
        }

        if (message.Action == ClientAction.Lock && rules.Admission.Refuse(sessions, session.Namespace, message.WaitTimeoutMs != 0) is { } full)
        {
            return new Understood(full);
        }

        return new Understood(Command: Translation.Command(channel, message, traceParent));
    }

    private async Task WriteAsync(LeaderSessions sessions, Session session)
    {
        byte[]? frame = null;
        try
        {
            while (true)
            {
                var work = outbox.WaitAsync();
                if (!work.IsCompleted && frame is not null)
                {
                    ArrayPool<byte>.Shared.Return(frame);
                    frame = null;
                }

                await work;
                while (outbox.TryTake(out var reply, out var more))
                {
                    if (reply.NeedsLease)
                    {
                        await sessions.Leadership.WaitForLeaseAsync();
                    }

                    // The next one may have to wait for a lease; this one should not wait with it.
                    stream.Hold = more && sessions.Leadership.HasLease;
                    await socket.SendAsync(Render(reply, ref frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                    if (reply.IsAnswer)
                    {
                        outbox.Answered();
                    }
                }

                if (outbox.TakeFarewell() is { } last)
                {
                    session.End();
                    await CloseOutputAsync(sessions, last);
                    return;
                }

                if (outbox.IsBroken)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (sessions.Leadership.Ended.IsCancellationRequested)
        {
            // An "acquired" was held back and leadership ended: it must not be told.
            await CloseOutputAsync(sessions, Farewell.LeadershipLost);
        }
        catch (Exception e) when (IsGone(e))
        {
            socket.Abort();
        }
        finally
        {
            outbox.Break();
        }
    }

    private static ReadOnlyMemory<byte> Render(in SessionReply reply, ref byte[]? frame)
    {
        if (reply.IsWhole)
        {
            return reply.Text;
        }

        var room = Translation.RoomFor(reply);
        if (frame is null || frame.Length < room)
        {
            frame = ArrayPool<byte>.Shared.Rent(room);
        }

        return frame.AsMemory(0, Translation.Write(frame, reply));
    }

    private async Task CloseOutputAsync(LeaderSessions sessions, Farewell farewell)
    {
        if (stream.IsHolding && !sessions.Leadership.HasLease)
        {
            // What was held while there was a lease may say "acquired", and would go out with the last word.
            socket.Abort();
            return;
        }

        try
        {
            stream.Hold = false;
            await socket.CloseOutputAsync((WebSocketCloseStatus)farewell.Code, farewell.Reason, CancellationToken.None);
        }
        catch (Exception e) when (IsGone(e))
        {
            socket.Abort();
        }
    }

    /// <summary>
    /// Gives the client a moment to answer the close, so that it reads the reason before the connection is gone. The socket aborts
    /// itself after it has closed for text that is no UTF-8 (1007) or for a broken frame: then what the client still sends is read raw.
    /// </summary>
    private async Task FinishAsync()
    {
        using var patience = new CancellationTokenSource(CloseHandshake);
        var ignored = new byte[1024];
        try
        {
            switch (socket.State)
            {
                case WebSocketState.CloseSent:
                    while ((await socket.ReceiveAsync(ignored.AsMemory(), patience.Token)).MessageType != WebSocketMessageType.Close)
                    {
                    }

                    break;
                case WebSocketState.Aborted:
                    while (await stream.ReadAsync(ignored, patience.Token) > 0)
                    {
                    }

                    break;
            }
        }
        catch (Exception e) when (IsGone(e))
        {
            socket.Abort();
        }
    }

    /// <summary>What is to be done about a message: end with a last word, send a command on its way, downgrade, or answer at once.</summary>
    private readonly record struct Understood(
        Farewell? Last = null, SessionCommand? Command = null, SessionChannel? Downgrade = null, SessionReply Answer = default);
}
