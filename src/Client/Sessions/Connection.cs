// One connection while it serves: a queue of what is to be sent (as many messages as the client has locks, and a ping,
// at most about two for each), a thread that sends it, and the pings whose answers are awaited.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

/// <summary>A connection of a session.</summary>
internal sealed class Connection(IWire wire, long number, SessionTimings timings, TimeProvider clock)
{
    /// <summary>How long the last messages and the good-bye may take.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long the node may take to end the connection after the good-bye.</summary>
    private static readonly TimeSpan LingerTimeout = TimeSpan.FromSeconds(1);

    private readonly object gate = new();
    private readonly Queue<(string Number, long SentAt)> pings = new();
    private List<byte[]> outgoing = [];
    private List<byte[]> sending = [];
    private Thread? writer;
    private ITimer? timer;
    private long lastPing;
    private bool isPingDue;
    private bool isClosing;
    private bool isEnded;

    public IWire Wire => wire;

    /// <summary>Counts up with each connection.</summary>
    public long Number => number;

    /// <summary>Whether a ping was answered: the other end serves this session.</summary>
    public bool IsProven { get; private set; }

    /// <summary>Why this side broke it, if it did.</summary>
    public string? WhyBroken { get; private set; }

    /// <summary>
    /// Called when everything is sent, the close frame too, and the connection waits for the node to end it.
    /// </summary>
    public Action? SaidGoodBye { get; init; }

    /// <summary>Sends a message after those before it.</summary>
    public void Send(byte[] message)
    {
        lock (gate)
        {
            outgoing.Add(message);
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Sends a ping. Its time is taken before it is sent: that is what its answer proves.</summary>
    public void Ping()
    {
        lock (gate)
        {
            var ping = ++lastPing;
            pings.Enqueue((LockChannel.RefOf(ping), clock.GetTimestamp()));
            Send(ClientMessages.Ping(ping));
        }
    }

    /// <summary>Returns when the answered ping was sent; null if it answers none.</summary>
    public long? Answered(string? ping)
    {
        lock (gate)
        {
            if (pings.All(sent => sent.Number != ping))
            {
                return null;
            }

            while (pings.Peek().Number != ping)
            {
                pings.Dequeue();
            }

            IsProven = true;
            return pings.Dequeue().SentAt;
        }
    }

    /// <summary>Begins to send, and to ping whenever it is time to.</summary>
    public void Start()
    {
        Ping();
        timer = clock.CreateTimer(_ => PingLater(), null, timings.PingInterval, Timeout.InfiniteTimeSpan);
        lock (gate)
        {
            writer = new Thread(Write) { IsBackground = true, Name = "RaftLocks sender" };
            writer.UnsafeStart();
        }
    }

    /// <summary>
    /// Sends what there is to send and the close frame, without waiting for that. The reader continues until the node
    /// ends the connection too.
    /// </summary>
    public void Close()
    {
        lock (gate)
        {
            isClosing = true;
            timer?.Dispose();
            timer = clock.CreateTimer(_ => wire.Abort(), null, CloseTimeout, Timeout.InfiniteTimeSpan);
            Monitor.Pulse(gate);
            if (writer is not null)
            {
                return;
            }
        }

        // It does not serve yet: nothing was sent.
        wire.Abort();
    }

    /// <summary>The connection has ended: nothing is sent any more when this returns.</summary>
    public void End()
    {
        lock (gate)
        {
            isEnded = true;
            timer?.Dispose();
            Monitor.Pulse(gate);
        }

        wire.Abort();
        writer?.Join();
    }

    private void PingLater()
    {
        lock (gate)
        {
            isPingDue = true;
            Monitor.Pulse(gate);
        }
    }

    private void Write()
    {
        try
        {
            while (Take())
            {
                for (var at = 0; at < sending.Count; at++)
                {
                    wire.Send(sending[at], hasMore: at + 1 < sending.Count);
                }

                sending.Clear();
            }

            if (isClosing && !isEnded)
            {
                wire.Close();
                Linger();
            }
        }
        catch (Exception e)
        {
            Break(e.Message);
        }
    }

    /// <summary>
    /// Gives the node a while to end the connection: what it says until then is read, so that the system has no reason
    /// to reset it.
    /// </summary>
    private void Linger()
    {
        lock (gate)
        {
            if (!isEnded)
            {
                timer?.Change(LingerTimeout, Timeout.InfiniteTimeSpan);
            }
        }

        SaidGoodBye?.Invoke();
    }

    /// <summary>
    /// Waits until there is something to send and takes all of it; false if nothing more is to be sent.
    /// </summary>
    private bool Take()
    {
        lock (gate)
        {
            while (true)
            {
                if (isEnded)
                {
                    return false;
                }

                if (isPingDue && !KeepUp())
                {
                    return false;
                }

                if (outgoing.Count > 0)
                {
                    (outgoing, sending) = (sending, outgoing);
                    return true;
                }

                if (isClosing)
                {
                    return false;
                }

                Monitor.Wait(gate);
            }
        }
    }

    /// <summary>Sends a ping, or breaks a connection on which one is not answered for too long.</summary>
    private bool KeepUp()
    {
        isPingDue = false;
        if (pings.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.SentAt) >= timings.PongTimeout)
        {
            Break($"{wire.Node} has not answered for {timings.PongTimeout.TotalSeconds:0.#} s");
            return false;
        }

        Ping();
        if (!isClosing)
        {
            timer?.Change(timings.PingInterval, Timeout.InfiniteTimeSpan);
        }

        return true;
    }

    private void Break(string why)
    {
        if (!isEnded)
        {
            WhyBroken ??= why;
            wire.Abort();
        }
    }
}
