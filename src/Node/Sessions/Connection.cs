// One WebSocket connection: reads messages, sends them on their way as commands, writes the replies in order, and ends in one of
// three ways: the client closes or is gone, it makes a mistake, or the node says farewell.
using System.Net.WebSockets;
using RaftLocks.Node.Settings;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions;

/// <summary>A connection of a client.</summary>
internal sealed class Connection(WebSocket socket, CoalescingStream stream, ConnectionRules rules) : ISessionPeer
{
    [ThreadStatic]
    private static ClientMessage? message;

    private static readonly TimeSpan CloseHandshake = TimeSpan.FromMilliseconds(Limits.CloseHandshakeMs);

    private readonly Outbox outbox = new();
    private readonly Conversation conversation = new();

    /// <summary>Serves the connection until it has ended.</summary>
    public async Task RunAsync(LeaderSessions sessions, NamespaceUse use, long abandonTimeoutMs)
    {
        var session = sessions.Open(use, abandonTimeoutMs, this);
        var writing = WriteAsync(sessions, session);
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

                var last = Understand(received, sessions, session, out var command);
                if (last is not null)
                {
                    return last;
                }

                outbox.Expect(received.Bytes.Length);
                if (!await session.ProposeAsync(command!))
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

    private Farewell? Understand(in Received received, LeaderSessions sessions, Session session, out SessionCommand? command)
    {
        command = null;
        message ??= new ClientMessage();
        var refusal = received.Refusal ?? rules.Parser.Parse(received.Bytes.Span, message) ?? conversation.Accept(message.Action);
        if (refusal is { } mistake)
        {
            return Farewell.Mistake(mistake);
        }

        if (message.Action == ClientAction.Lock && rules.Admission.Refuse(sessions, session.Namespace) is { } full)
        {
            return full;
        }

        command = Translation.Command(session, message);
        return null;
    }

    private async Task WriteAsync(LeaderSessions sessions, Session session)
    {
        var frame = new byte[Replies.MaxBytes];
        try
        {
            while (true)
            {
                await outbox.WaitAsync();
                while (outbox.TryTake(out var reply, out var more))
                {
                    if (reply.IsAcquired && !sessions.Leadership.HasLease)
                    {
                        await stream.ReleaseAsync();
                        await sessions.Leadership.WaitForLeaseAsync();
                    }

                    stream.Hold = more;
                    var length = Translation.Write(frame, reply);
                    await socket.SendAsync(frame.AsMemory(0, length), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                    if (reply.IsAnswer)
                    {
                        outbox.Answered();
                    }
                }

                if (outbox.TakeFarewell() is { } last)
                {
                    session.End();
                    await CloseOutputAsync(last);
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
            await CloseOutputAsync(Farewell.LeadershipLost);
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

    private async Task CloseOutputAsync(Farewell farewell)
    {
        try
        {
            await stream.ReleaseAsync();
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
}
