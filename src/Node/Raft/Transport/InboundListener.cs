// The accept loop. The library's own ends for good at the first connection that can't be accepted, and a node that
// nobody can reach goes on saying that it is well. Here a failure to accept (no file descriptor left, a connection that
// was reset while it waited) is followed by a wait and another try for as long as the node runs. If the listener itself
// is lost, the node ends. With TLS the loop goes on while those who connect prove who they are.
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>Accepts the connections of other members.</summary>
/// <param name="network">The network.</param>
/// <param name="endPoint">On what address.</param>
/// <param name="admission">Who may say what.</param>
/// <param name="tls">How those who connect prove who they are; null for plain TCP.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="lost">Called when the listener is lost.</param>
internal sealed class InboundListener(
    IRaftNetwork network,
    EndPoint endPoint,
    IAdmission admission,
    RaftTls? tls,
    TimeProvider time,
    ILogger logger,
    Action<string, Exception?> lost
) : IConnectionListener
{
    private readonly IRaftListener listener = network.Listen(endPoint);
    private readonly InboundTable table = new(TransportLimits.MaxInbound, admission, time);
    private readonly Handshakes? handshakes = tls is null ? null : new Handshakes(tls, admission, time);
    private Task<AcceptedStream>? accepting;
    private long? warnedAt;
    private int retryMs;
    private volatile bool closed;

    /// <inheritdoc/>
    public EndPoint EndPoint => endPoint;

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        if (handshakes is null)
        {
            return table.Add(await AcceptNextAsync(cancellationToken));
        }

        while (true)
        {
            // Whoever connects next is accepted while the others prove who they are.
            accepting ??= AcceptNextAsync(cancellationToken);
            await Task.WhenAny(accepting, handshakes.AnyIsReady);
            if (handshakes.TryTake(out var proven))
            {
                return table.Add(proven);
            }

            if (accepting.IsCompleted)
            {
                var accepted = await accepting;
                accepting = null;
                handshakes.Begin(accepted);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => DisposeAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        closed = true;
        listener.Dispose();
        handshakes?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<AcceptedStream> AcceptNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var accepted = await listener.AcceptAsync(cancellationToken);
                retryMs = 0;
                return accepted;
            }
            catch (Exception e) when (closed || cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException("The node stops.", e, cancellationToken);
            }
            catch (SocketException e) when (!IsListenerLost(e))
            {
                Warn(e);
            }
            catch (Exception e)
            {
                lost($"Members can no longer connect to this node: {e.Message}.", e);
                throw;
            }

            retryMs = Math.Clamp(retryMs * 2, TransportLimits.AcceptRetryMs, TransportLimits.MaxAcceptRetryMs);
            await Task.Delay(TimeSpan.FromMilliseconds(retryMs), time, cancellationToken);
        }
    }

    /// <summary>Whether no further connection can ever be accepted. All else concerns one connection, or
    /// passes.</summary>
    private static bool IsListenerLost(SocketException e) =>
        e.SocketErrorCode
            is SocketError.NotSocket
                or SocketError.InvalidArgument
                or SocketError.OperationAborted
                or SocketError.OperationNotSupported;

    private void Warn(SocketException cause)
    {
        admission.OnNotAccepted();
        if (
            warnedAt is not { } before
            || time.GetElapsedTime(before).TotalSeconds >= TransportLimits.AcceptWarningSeconds
        )
        {
            warnedAt = time.GetTimestamp();
            TransportLog.ConnectionNotAccepted(logger, cause.Message);
        }
    }
}
