// One connection while it serves: a queue of what is to be sent (as many messages as the client has locks, and a ping, at most about
// two for each), and the pings whose answers are awaited.
using System.Threading.Channels;
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

/// <summary>A connection of a session.</summary>
internal sealed class Link(IWire wire, long number, TimeProvider clock)
{
    private readonly Channel<byte[]> outgoing = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Queue<(string Number, long SentAt)> pings = new();
    private long lastPing;

    public IWire Wire => wire;

    /// <summary>Counts up with each connection.</summary>
    public long Number => number;

    /// <summary>Why this side broke it, if it did.</summary>
    public string? WhyBroken { get; private set; }

    /// <summary>Sends a message after those before it.</summary>
    public void Send(byte[] message) => outgoing.Writer.TryWrite(message);

    /// <summary>Sends a ping. Its time is taken before it is sent: that is what its answer proves.</summary>
    public void Ping()
    {
        lock (pings)
        {
            var ping = ++lastPing;
            pings.Enqueue((LockChannel.MarkOf(ping), clock.GetTimestamp()));
            Send(ClientMessages.Ping(ping));
        }
    }

    /// <summary>When the ping was sent that this answers; null if it answers none.</summary>
    public long? Answered(string? ping)
    {
        lock (pings)
        {
            while (pings.TryPeek(out var oldest))
            {
                if (oldest.Number == ping)
                {
                    return pings.Dequeue().SentAt;
                }

                if (pings.All(sent => sent.Number != ping))
                {
                    return null;
                }

                pings.Dequeue();
            }

            return null;
        }
    }

    /// <summary>Sends a ping whenever it is time to, and breaks the connection when one is not answered for too long.</summary>
    public async Task PingAsync(TimeSpan interval, TimeSpan patience, CancellationToken token)
    {
        try
        {
            while (true)
            {
                Ping();
                await Task.Delay(interval, clock, token).ConfigureAwait(false);
                if (IsSilentFor(patience))
                {
                    Break($"{wire.Node} has not answered for {patience.TotalSeconds:0.#} s");
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The connection has ended.
        }
    }

    /// <summary>Sends what there is to send until the connection ends.</summary>
    public async Task WriteAsync(CancellationToken token)
    {
        try
        {
            while (await outgoing.Reader.WaitToReadAsync(token).ConfigureAwait(false))
            {
                while (outgoing.Reader.TryRead(out var message))
                {
                    await wire.SendAsync(message, hasMore: outgoing.Reader.TryPeek(out _)).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The connection has ended.
        }
        catch (IOException e)
        {
            Break(e.Message);
        }
    }

    private bool IsSilentFor(TimeSpan patience)
    {
        lock (pings)
        {
            return pings.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.SentAt) >= patience;
        }
    }

    private void Break(string why)
    {
        WhyBroken ??= why;
        wire.Abort();
    }
}
