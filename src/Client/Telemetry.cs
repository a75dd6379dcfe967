// What the client measures and traces. No lock paths as tags: there may be millions.
using System.Diagnostics;
using System.Diagnostics.Metrics;
using RaftLocks.Client.Sessions;

namespace RaftLocks.Client;

/// <summary>The names under which a client's measurements and traces are found.</summary>
public static class Telemetry
{
    /// <summary>Name of the Meter and of the ActivitySource.</summary>
    public const string Name = "RaftLocks.Client";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Acquires = Meter.CreateCounter<long>(
        "raftlocks.client.acquires",
        "{lock}",
        "Locks asked for, by outcome."
    );
    private static readonly Histogram<double> Waits = Meter.CreateHistogram<double>(
        "raftlocks.client.acquire.duration",
        "s",
        "From the call to the lock, by outcome."
    );
    private static readonly UpDownCounter<long> HeldLocks = Meter.CreateUpDownCounter<long>(
        "raftlocks.client.held",
        "{lock}",
        "Locks held now."
    );
    private static readonly Counter<long> Losses = Meter.CreateCounter<long>(
        "raftlocks.client.losses",
        "{lock}",
        "Locks lost while they were held."
    );
    private static readonly Counter<long> Connections = Meter.CreateCounter<long>(
        "raftlocks.client.connections",
        "{connection}",
        "Connections made; each after the first is a reconnect."
    );

    internal static ActivitySource Source { get; } = new(Name);

    internal static void Answered(string outcome, TimeSpan waited)
    {
        var tag = new KeyValuePair<string, object?>("outcome", outcome);
        Acquires.Add(1, tag);
        Waits.Record(waited.TotalSeconds, tag);
    }

    internal static bool IsListenedTo => Acquires.Enabled || Waits.Enabled;

    // Listeners are code of the application and run outside of the client's own threads.
    internal static void Holding(SideWork side, int change)
    {
        if (HeldLocks.Enabled)
        {
            side.Post(change > 0 ? static () => HeldLocks.Add(1) : static () => HeldLocks.Add(-1));
        }
    }

    internal static void Lost(SideWork side) => Count(Losses, side);

    internal static void Connected(SideWork side) => Count(Connections, side);

    private static void Count(Counter<long> counter, SideWork side)
    {
        if (counter.Enabled)
        {
            side.Post(() => counter.Add(1));
        }
    }
}
