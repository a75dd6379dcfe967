// One WebSocket connection: reads messages, sends them on their way as commands, writes the replies in order, and ends
// in one of three ways: the client closes or is gone, it makes an error, or the node closes. Writing is here;
// Connection.Messages.cs reads.
using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>A connection of a client.</summary>
/// <param name="socket">Its WebSocket.</param>
/// <param name="stream">What that writes to.</param>
/// <param name="rules">What all connections have in common.</param>
/// <param name="traceParent">The trace that its handshake named, if any.</param>
/// <param name="silentMs">For how long it has been silent; null where nobody looks.</param>
/// <param name="caller">Who it belongs to; null where nobody was asked.</param>
/// <param name="peer">The client's address, for people; null where nobody asks.</param>
internal sealed partial class Connection(
    WebSocket socket,
    CorkedStream stream,
    ConnectionRules rules,
    string? traceParent = null,
    Func<long>? silentMs = null,
    Caller? caller = null,
    string? peer = null
) : ISessionConnection
{
    private static readonly TimeSpan CloseHandshake = TimeSpan.FromMilliseconds(Limits.CloseHandshakeMs);

    private readonly Outbox outbox = new();

    /// <summary>Serves the connection until it has ended.</summary>
    public async Task RunAsync(LeaderSessions sessions, NamespaceUse use, long abandonTimeoutMs, SessionTraits? traits)
    {
        var session = sessions.Open(use, abandonTimeoutMs, this, traits);
        var writing = WriteAsync(sessions, session);
        try
        {
            if (!session.Id.Resumable || await session.ResumeAsync())
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
        }
        finally
        {
            // Whatever went wrong: a session that is not ended holds its locks for ever.
            session.End();
            outbox.Break();
        }

        await FinishAsync();
    }

    /// <inheritdoc/>
    public Caller? Caller => caller;

    /// <inheritdoc/>
    public long SilentMs => silentMs?.Invoke() ?? 0;

    /// <inheritdoc/>
    public void Reply(in SessionReply reply) => outbox.Add(reply);

    /// <inheritdoc/>
    public void Close(CloseReason why) => outbox.Close(why);

    /// <inheritdoc/>
    public void Abort() => socket.Abort();

    /// <summary>Whether an exception says that the connection has ended.</summary>
    internal static bool IsGone(Exception e) =>
        e
            is WebSocketException
                or IOException
                or SocketException
                or OperationCanceledException
                or ObjectDisposedException
                or InvalidOperationException;

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
                    stream.IsCorked = more && sessions.Leadership.HasLease;
                    await socket.SendAsync(
                        Render(reply, ref frame),
                        WebSocketMessageType.Text,
                        endOfMessage: true,
                        CancellationToken.None
                    );
                    if (reply.IsAnswer)
                    {
                        outbox.Answered();
                    }
                }

                if (outbox.TakeCloseReason() is { } last)
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
            // An "acquired" was held back and leadership ended: it must not be sent.
            await CloseOutputAsync(sessions, CloseReason.LeadershipLost);
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

        var room = ProtocolMapper.RoomFor(reply);
        if (frame is null || frame.Length < room)
        {
            frame = ArrayPool<byte>.Shared.Rent(room);
        }

        return frame.AsMemory(0, ProtocolMapper.Write(frame, reply));
    }

    private async Task CloseOutputAsync(LeaderSessions sessions, CloseReason closeReason)
    {
        if (stream.HoldsBytes && !sessions.Leadership.HasLease)
        {
            // What was held while there was a lease may say "acquired", and would go out with the close.
            socket.Abort();
            return;
        }

        try
        {
            stream.IsCorked = false;
            await socket.CloseOutputAsync(
                (WebSocketCloseStatus)closeReason.Code,
                closeReason.Reason,
                CancellationToken.None
            );
        }
        catch (Exception e) when (IsGone(e))
        {
            socket.Abort();
        }
    }

    /// <summary>
    /// Gives the client a moment to answer the close, so that it reads the reason before the connection is gone.
    /// </summary>
    private async Task FinishAsync()
    {
        using var timeout = new CancellationTokenSource(CloseHandshake);
        var ignored = new byte[1024];
        try
        {
            while (
                socket.State == WebSocketState.CloseSent
                && (await socket.ReceiveAsync(ignored.AsMemory(), timeout.Token)).MessageType
                    != WebSocketMessageType.Close
            ) { }
        }
        catch (Exception e) when (IsGone(e))
        {
            socket.Abort();
        }
    }
}
