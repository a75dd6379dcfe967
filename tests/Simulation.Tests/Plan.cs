// What a simulation is made of: clients and what each does, and the faults that befall the nodes. Everything that is
// left to chance while it runs follows from the seed, so a plan always plays out the same.
using System.Globalization;
using System.Text.Json;

namespace RaftLocks.Simulation;

/// <summary>How a client ends what it began.</summary>
public enum Ending
{
    /// <summary>It holds the lock for a while, and releases it.</summary>
    Release,

    /// <summary>It sends the release right behind the lock.</summary>
    ReleaseAhead,

    /// <summary>It gives up after a while, granted or not.</summary>
    GiveUp,

    /// <summary>Its connection breaks while it holds the lock.</summary>
    Vanish,

    /// <summary>Its connection breaks after a while, granted or not.</summary>
    VanishEarly,

    /// <summary>It closes while it holds the lock.</summary>
    Close,
}

/// <summary>One lock of a client.</summary>
public sealed record Cycle(int PauseMs, int Resource, bool Write, int HoldMs, Ending Ending);

/// <summary>A client.</summary>
public sealed record ClientPlan(int AbandonTimeoutMs, Cycle[] Cycles);

/// <summary>What befalls nodes.</summary>
public enum FaultKind
{
    /// <summary>The leader, or another node, does not reach the others.</summary>
    Partition,

    /// <summary>Its process dies, and starts again.</summary>
    Crash,

    /// <summary>It takes no step.</summary>
    Freeze,

    /// <summary>It shuts down, and starts again.</summary>
    Restart,

    /// <summary>It gives up its leadership.</summary>
    Resign,

    /// <summary>Some of its connections break.</summary>
    BreakConnections,

    /// <summary>Flushes take long.</summary>
    SlowDisks,

    /// <summary>Calls of the library return what is not so.</summary>
    Lies,

    /// <summary>Its wall clock jumps.</summary>
    WallClock,
}

/// <summary>A fault.</summary>
/// <param name="Kind">What.</param>
/// <param name="AtMs">When.</param>
/// <param name="Node">Whom; 0 is whoever leads then.</param>
/// <param name="ForMs">For how long.</param>
/// <param name="Aimed">Whether it waits for the next commit, and comes before the leader has applied it.</param>
public sealed record Fault(FaultKind Kind, int AtMs, int Node, int ForMs, bool Aimed = false);

/// <summary>A plan.</summary>
/// <param name="Seed">What is left to chance follows from it.</param>
/// <param name="Clients">The clients.</param>
/// <param name="Faults">What befalls the nodes.</param>
/// <param name="Late">Whether a leader may apply late what is committed, and learn late that it no longer
/// leads.</param>
public sealed record Plan(int Seed, ClientPlan[] Clients, Fault[] Faults, bool Late = false)
{
    /// <summary>As a test can keep it.</summary>
    public override string ToString() => JsonSerializer.Serialize(this);

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    public static Plan Parse(string text) => JsonSerializer.Deserialize<Plan>(text)!;

    /// <summary>A name for it.</summary>
    public string Name =>
        string.Create(CultureInfo.InvariantCulture, $"seed {Seed}, {Clients.Length} clients, {Faults.Length} faults");
}
