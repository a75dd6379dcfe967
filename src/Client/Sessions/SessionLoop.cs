// Keeps a session connected: tries one node after the other until one serves, reads the state of the locks, reads until
// the connection ends, and begins again. It waits while the client needs nothing. It has a thread of its own and blocks
// on it: what completes a caller's lock must not wait for a thread of the pool, all of which the callers may have
// blocked.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

/// <summary>The connection of a session, again and again.</summary>
// Its cancellation has no timer to dispose of, and may be asked for again by whoever disposes of the client twice.
#pragma warning disable CA1001
internal sealed class SessionLoop(
    LockSession session,
    IConnector connector,
    RaftLocksOptions options,
    TimeProvider clock,
    SideWork side
)
#pragma warning restore CA1001
{
    /// <summary>The number of unexpected failures in a row after which the client stops.</summary>
    private const int MaxFaults = 8;

    /// <summary>
    /// How long a client that ends waits for the node's end of the connection; after that it waits in the background.
    /// </summary>
    private static readonly TimeSpan PartingTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a client that ends waits for its last messages to be sent. A connection may take less for them, so that
    /// beyond it something has failed: the threads, which keep no process alive, are left to themselves.
    /// </summary>
    private static readonly TimeSpan GoodByeTimeout = Connection.CloseTimeout + TimeSpan.FromSeconds(2);

    private readonly SessionTimings timings = new(options.AbandonTimeout);
    private readonly Random random = new();
    private readonly Refusals refusals = new(options.Nodes.Count);
    private readonly StrayHandshakes strays = new(clock);
    private readonly TaskCompletionSource parted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stop = new();
    private long connections;
    private int nextNode = Random.Shared.Next(options.Nodes.Count);
    private int failures;
    private int faults;
    private int isStarted;

    /// <summary>
    /// Starts it, unless it was started or stopped already. The thread inherits nothing from whoever asks for the first
    /// lock.
    /// </summary>
    public void Start()
    {
        if (Volatile.Read(ref isStarted) == 0 && Interlocked.Exchange(ref isStarted, 1) == 0)
        {
            new Thread(Run) { IsBackground = true, Name = "RaftLocks client" }.UnsafeStart();
        }
    }

    /// <summary>Says good-bye to the cluster and stops.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref isStarted, 1) == 0)
        {
            End();
        }

        stop.Cancel();
    }

    /// <summary>
    /// Waits until it has stopped, or has sent everything and waited a moment for the node; needs no thread of the
    /// pool.
    /// </summary>
    public void WaitForEnd()
    {
        if (parted.Task.Wait(GoodByeTimeout))
        {
            ended.Task.Wait(PartingTimeout);
        }
    }

    /// <summary>Does what <see cref="WaitForEnd"/> does without a thread.</summary>
    public async Task WaitForEndAsync()
    {
        await BoundedWait.ForAsync(parted.Task, GoodByeTimeout, clock).ConfigureAwait(false);
        if (parted.Task.IsCompleted)
        {
            // Everything is sent. The thread continues to read until the node has ended the connection, or its time is
            // over.
            await BoundedWait.ForAsync(ended.Task, PartingTimeout, clock).ConfigureAwait(false);
        }
    }

    private void End()
    {
        ended.TrySetResult();
        parted.TrySetResult();
    }

    private void Run()
    {
        try
        {
            while (!stop.IsCancellationRequested && RunOnce())
            {
                Pause();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client was disposed of.
        }
        catch (Exception e)
        {
            Fail(e);
        }
        finally
        {
            End();
        }
    }

    /// <summary>One connection, or an attempt at one; false if there must not be another.</summary>
    private bool RunOnce()
    {
        try
        {
            session.WhenNeeded().Wait(stop.Token);
            var startedAt = clock.GetTimestamp();
            if (Connect() is { } wire)
            {
                using (wire)
                {
                    return Serve(wire, startedAt);
                }
            }

            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // A defect of this client, whatever it is: it is told, the connection is made anew, and the cluster says
            // where the locks stand.
            side.Log(log => ClientLog.Failed(log, e));
            session.Failed($"the client failed: {e.Message}");
            if (++faults < MaxFaults)
            {
                return true;
            }

            Fail(e);
            return false;
        }
    }

    private void Fail(Exception e)
    {
        side.Log(log => ClientLog.GaveUp(log, e));
        session.Ruin(
            new LockRefusedException(
                $"This client has failed and is of no more use: {e.Message}",
                RefusalReason.ClientFailed,
                e
            ),
            LockLossCause.ClientFailed
        );
    }

    private void Pause()
    {
        try
        {
            Task.Delay(timings.PauseAfter(failures++, random), clock, stop.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // The client was disposed of.
        }
    }

    private IWire? Connect()
    {
        var at = nextNode = (nextNode + 1) % options.Nodes.Count;
        var node = options.Nodes[at];
        using var timeout = new CancellationTokenSource(timings.ConnectTimeout, clock);
        using var token = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop.Token);
        try
        {
            return connector.Connect(node, token.Token);
        }
        catch (ConnectException e)
        {
            stop.Token.ThrowIfCancellationRequested();
            side.Log(log => ClientLog.CouldNotConnect(log, node, e.Message));
            strays.Add();
            session.Failed(e.Message);
            Note(at, e.IsFinal ? e.Message : null);
            return null;
        }
    }

    /// <summary>Remembers whether a node refused. Only when all of them did, waiting calls fail.</summary>
    private void Note(int node, string? refusal)
    {
        if (refusals.Note(node, refusal) is { } all)
        {
            session.Refused(all);
        }
    }

    /// <summary>Serves one connection; false if there must not be another.</summary>
    private bool Serve(IWire wire, long startedAt)
    {
        var connection = new Connection(wire, ++connections, timings, clock)
        {
            SaidGoodBye = () => parted.TrySetResult(),
        };
        var end = Hear(wire, connection, startedAt, out var isNonsense);
        stop.Token.ThrowIfCancellationRequested();
        var said = connection.WhyBroken ?? end.Reason ?? "the connection broke";
        var reason =
            end.CloseCode is { } code ? $"{said} ({wire.Node} closed with {code})"
            : isNonsense ? $"{wire.Node}: {said}"
            : said;
        side.Log(log => ClientLog.Disconnected(log, wire.Node, reason));
        if (connection.IsProven)
        {
            failures = 0;
            refusals.Clear();
        }

        // Only who has served this session can know that another connection took it.
        if (end.CloseCode == CloseCodes.Replaced && connection.IsProven && !strays.TryTake())
        {
            session.Ruin(new SessionReplacedException(reason), LockLossCause.SessionReplaced);
            return false;
        }

        if (session.Disconnect(connection, end.CloseCode, reason))
        {
            failures = Math.Max(failures, 5);
        }

        if (isNonsense && !connection.IsProven)
        {
            Note(nextNode, reason);
        }

        return true;
    }

    private Received Hear(IWire wire, Connection connection, long startedAt, out bool isNonsense)
    {
        isNonsense = false;
        using var stopping = stop.Token.UnsafeRegister(_ => connection.Close(), null);
        try
        {
            var resume = new ResumeReader(wire);
            var end = resume.Read(timings.ResumeTimeout, clock);
            if (end.IsEnd)
            {
                if (end.CloseCode is null)
                {
                    strays.Add();
                }

                return end;
            }

            connection.Start();
            session.Resume(connection, resume.Messages, startedAt);
            side.Log(log => ClientLog.Connected(log, wire.Node, resume.Messages.Count - 1));
            Telemetry.Connected(side);
            end = Read(wire, connection);
            faults = 0;
            return end;
        }
        catch (BadMessageException e)
        {
            isNonsense = true;
            return new Received(default, IsEnd: true, null, e.Message);
        }
        finally
        {
            connection.End();
        }
    }

    private Received Read(IWire wire, Connection connection)
    {
        while (true)
        {
            var received = wire.Receive();
            if (received.IsEnd)
            {
                return received;
            }

            session.Receive(ServerMessage.Parse(received.Message.Span), connection);
        }
    }
}
