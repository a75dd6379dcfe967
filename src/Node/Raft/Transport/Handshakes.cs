// The connections whose other end is proving who it is. Whoever connects can take long for that, on purpose too, so
// they are bounded in time and number; at the limit the oldest one of the address that has the most of them is given
// up. A member tries again.
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Threading.Channels;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>TLS handshakes that are under way.</summary>
/// <param name="tls">How the other end proves who it is.</param>
/// <param name="admission">Is told who was refused.</param>
/// <param name="time">The clock.</param>
internal sealed class Handshakes(RaftTls tls, IAdmission admission, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<AcceptedStream> underWay = [];
    private readonly Channel<AcceptedStream> proven = Channel.CreateUnbounded<AcceptedStream>();
    private Task<bool>? waiting;
    private bool closed;

    /// <summary>Completes when one has succeeded.</summary>
    public Task AnyIsReady =>
        waiting is { IsCompleted: false } ? waiting : waiting = proven.Reader.WaitToReadAsync().AsTask();

    /// <summary>Takes one that has succeeded.</summary>
    public bool TryTake([MaybeNullWhen(false)] out AcceptedStream taken) => proven.Reader.TryRead(out taken);

    /// <summary>Begins one.</summary>
    public void Begin(AcceptedStream accepted)
    {
        Stream? dropped = null;
        lock (gate)
        {
            if (closed)
            {
                dropped = accepted.Stream;
            }
            else
            {
                if (underWay.Count >= TransportLimits.MaxHandshakes)
                {
                    dropped = underWay
                        .GroupBy(one => (one.From as IPEndPoint)?.Address)
                        .MaxBy(group => group.Count())!
                        .First()
                        .Stream;
                }

                underWay.Add(accepted);
                _ = Task.Run(() => RunAsync(accepted));
            }
        }

        dropped?.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        AcceptedStream[] left;
        lock (gate)
        {
            closed = true;
            left = [.. underWay];
        }

        Array.ForEach(left, one => one.Stream.Dispose());
        proven.Writer.TryComplete();
        while (proven.Reader.TryRead(out var one))
        {
            one.Stream.Dispose();
        }
    }

    private async Task RunAsync(AcceptedStream accepted)
    {
        using var bound = new CancellationTokenSource(TransportLimits.HandshakeTime, time);
        try
        {
            var secured = await tls.SecureAsync(accepted, bound.Token);
            if (!proven.Writer.TryWrite(secured))
            {
                await secured.Stream.DisposeAsync();
            }
        }
        catch (RefusedException e)
        {
            await accepted.Stream.DisposeAsync();
            admission.OnRefused(accepted.From, e.IsUnknown, e.Message);
        }
        catch (OperationCanceledException)
        {
            await accepted.Stream.DisposeAsync();
            admission.OnRefused(accepted.From, isUnknown: false, "a connection that has not proven whose it is");
        }
        finally
        {
            lock (gate)
            {
                underWay.Remove(accepted);
            }
        }
    }
}
