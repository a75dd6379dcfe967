// One direction between two nodes: all bytes from the one to the other pass here, whoever opened the connection.
using System.Diagnostics;

namespace RaftLocks.Chaos.Network;

/// <summary>A directed link.</summary>
internal sealed class Link
{
    // The shortest time after which TCP sends again what was not acknowledged.
    private const int RetransmitMs = 200;

    private readonly Lock gate = new();
    private readonly HashSet<ProxiedConnection> connections = [];
    private LinkState state;
    private TaskCompletionSource changed = New();

    /// <summary>The state of the link.</summary>
    public LinkState State
    {
        get
        {
            lock (gate)
            {
                return state;
            }
        }
    }

    /// <summary>Changes it for all connections, those that are open as well.</summary>
    public void Set(LinkState value)
    {
        TaskCompletionSource before;
        ProxiedConnection[] reset = [];
        lock (gate)
        {
            state = value;
            (before, changed) = (changed, New());
            if (value.IsBroken)
            {
                reset = [.. connections];
            }
        }

        before.SetResult();
        Array.ForEach(reset, connection => connection.Reset());
    }

    /// <summary>Counts a connection among those to be reset with the link; false if the link is broken.</summary>
    public bool TryAdd(ProxiedConnection connection)
    {
        lock (gate)
        {
            return !state.IsBroken && connections.Add(connection);
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Remove(ProxiedConnection connection)
    {
        lock (gate)
        {
            connections.Remove(connection);
        }
    }

    /// <summary>When bytes that are sent now arrive, never before those ahead of them.</summary>
    public long ArrivalAfter(long ahead)
    {
        var now = State;
        var ms = now.DelayMs + (now.LossPercent > Random.Shared.Next(100) ? RetransmitMs : 0);
        return Math.Max(ahead, Stopwatch.GetTimestamp() + (ms * Stopwatch.Frequency / 1000));
    }

    /// <summary>Completes when bytes pass.</summary>
    public async ValueTask PassesAsync(bool isAnswer, CancellationToken token)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                if (!state.IsHeld && !(isAnswer ? state.HoldsAnswers : state.Swallows))
                {
                    return;
                }

                change = changed.Task;
            }

            await change.WaitAsync(token);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
