// Who is there. One timer looks at all connections of the node: it pings those that are silent and breaks off those
// that are gone. An extended connection that answers no pings is gone. A plain one may be silent for as long as its TCP
// lives (TcpLiveness): many clients answer pings only while their program reads, and work without reading for as long
// as they hold a lock. How many are silent is told.
using System.Collections.Concurrent;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>When a client is pinged, and when it is gone.</summary>
/// <param name="Interval">How long it may be silent before it is pinged, and how often.</param>
/// <param name="Timeout">How long it may be silent at most if it must answer.</param>
internal readonly record struct PingRules(TimeSpan Interval, TimeSpan Timeout);

/// <summary>Looks after all connections of a node.</summary>
internal sealed class Heartbeats : IDisposable
{
    private static readonly TimeSpan SlowestLook = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<WireSocket, bool> sockets = new();
    private readonly PingRules rules;
    private readonly bool allMustAnswer;
    private readonly ITimer timer;
    private readonly TimeSpan every;
    private int silent;

    public Heartbeats(NodeSettings settings, TimeProvider time)
    {
        rules = new PingRules(
            TimeSpan.FromMilliseconds(settings.PingIntervalMs),
            TimeSpan.FromMilliseconds(settings.PingTimeoutMs)
        );
        allMustAnswer = settings.RequirePong;
        var shorter = rules.Interval < rules.Timeout ? rules.Interval : rules.Timeout;
        every = shorter / 4 < SlowestLook ? shorter / 4 : SlowestLook;
        timer = time.CreateTimer(static self => ((Heartbeats)self!).Look(), this, every, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Connections that have said nothing for longer than the ping timeout, and live on.</summary>
    public int Silent => Volatile.Read(ref silent);

    /// <summary>Looks after a connection until it is removed.</summary>
    public void Add(WireSocket socket, bool isExtended) => sockets[socket] = isExtended || allMustAnswer;

    /// <summary>The connection has ended.</summary>
    public void Remove(WireSocket socket) => sockets.TryRemove(socket, out _);

    /// <summary>For how long a connection has been silent, ms; 0 if that is not worth telling.</summary>
    public long SilentMs(WireSocket socket) =>
        socket.Silence is var silence && silence >= rules.Timeout ? (long)silence.TotalMilliseconds : 0;

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    // The timer is armed anew at the end: looks never overlap.
    private void Look()
    {
        var quiet = 0;
        foreach (var (socket, mustAnswer) in sockets)
        {
            try
            {
                socket.Beat(rules, mustAnswer);
                quiet += socket.Silence >= rules.Timeout ? 1 : 0;
            }
            catch (Exception e) when (Connection.IsGone(e))
            {
                // It ends just now; the others are looked at all the same.
            }
        }

        Volatile.Write(ref silent, quiet);
        try
        {
            timer.Change(every, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The node has ended meanwhile.
        }
    }
}
