// A client's connection to a node: messages of either direction take their time and stay in order; it may break at one
// end first.
using System.Text;
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Simulation.World;

/// <summary>One connection.</summary>
internal sealed class Link
{
    private readonly VirtualClock clock;
    private readonly Random random;
    private readonly MemorySocket socket;
    private readonly Action<string> received;
    private readonly Action ended;
    private readonly Truth truth;
    private bool isReset;
    private long lastToServer;
    private long lastToClient;

    /// <summary>Connects; must be made on the node's thread.</summary>
    public Link(SimNode node, VirtualClock clock, Random random, Truth truth, Action<string> received, Action ended)
    {
        // Chance of its own: in which order a node closes its connections is not the plan's.
        (Node, this.clock, this.random, this.truth, this.received, this.ended) = (
            node,
            clock,
            new Random(random.Next()),
            truth,
            received,
            ended
        );
        socket = new MemorySocket(OnSent, _ => OnServerClosed());
        Term = node.Registry.Current!.Leadership.Term;
    }

    /// <summary>The other end.</summary>
    public SimNode Node { get; }

    /// <summary>The leadership that it belongs to.</summary>
    public long Term { get; }

    /// <summary>When the server saw the end of it, if it did.</summary>
    public long? ServerEndedAt { get; private set; }

    /// <summary>Whether the client takes it for open.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Serves it, with the node's own code.</summary>
    public async Task ServeAsync(long abandonTimeoutMs)
    {
        var sessions = Node.Registry.Current!;
        var use = sessions.Namespaces.Connect("n"u8.ToArray());
        try
        {
            await new Connection(socket, new CorkedStream(Stream.Null), Node.Rules).RunAsync(
                sessions,
                use,
                abandonTimeoutMs,
                traits: null
            );
        }
        catch (Exception e)
        {
            truth.Fault("a connection's code does not throw", e.ToString());
        }
        finally
        {
            sessions.Namespaces.Disconnect(use);
        }
    }

    /// <summary>The client sends.</summary>
    public void Send(string message) => ToServer(() => socket.Arrive(Encoding.UTF8.GetBytes(message)));

    /// <summary>The client closes.</summary>
    public void Close()
    {
        IsOpen = false;
        ToServer(() =>
        {
            ServerEndedAt ??= clock.Now;
            socket.Arrive(null);
        });
    }

    /// <summary>It breaks: the client sees it now, the server later.</summary>
    public void Break(double serverAfterMs)
    {
        IsOpen = false;
        clock.After(serverAfterMs, () => Node.Thread.Post(Reset));
    }

    /// <summary>It breaks, and the client learns of it too.</summary>
    public void Cut(double clientAfterMs, double serverAfterMs)
    {
        clock.After(clientAfterMs, EndAtClient);
        clock.After(serverAfterMs, () => Node.Thread.Post(Reset));
    }

    // As with TCP, what was still on its way to the client is lost.
    private void Reset()
    {
        isReset = true;
        ServerEndedAt ??= clock.Now;
        socket.Break();
    }

    private ValueTask OnSent(ReadOnlyMemory<byte> frame)
    {
        var text = Encoding.UTF8.GetString(frame.Span);
        truth.OnTold(Node, Term, text);
        lastToClient = Math.Max(lastToClient, clock.Now + Delay());
        clock.At(
            lastToClient,
            () =>
            {
                if (IsOpen && !isReset)
                {
                    received(text);
                }
            }
        );

        if (random.Next(20) > 0)
        {
            return ValueTask.CompletedTask;
        }

        // A slow reader.
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        clock.After(random.NextDouble() * 100, () => Node.Thread.Post(() => taken.TrySetResult()));
        return new ValueTask(taken.Task);
    }

    private void OnServerClosed()
    {
        ServerEndedAt ??= clock.Now;
        lastToClient = Math.Max(lastToClient, clock.Now + Delay());
        clock.At(
            lastToClient,
            () =>
            {
                ToServer(() => socket.Arrive(null));
                EndAtClient();
            }
        );
    }

    private void EndAtClient()
    {
        if (IsOpen)
        {
            IsOpen = false;
            ended();
        }
    }

    private void ToServer(Action step)
    {
        lastToServer = Math.Max(lastToServer, clock.Now + Delay());
        clock.At(lastToServer, () => Node.Thread.Post(step));
    }

    private long Delay() =>
        (long)((0.1 + (random.NextDouble() * (random.Next(30) == 0 ? 200 : 2))) * VirtualClock.TicksPerMs);
}
