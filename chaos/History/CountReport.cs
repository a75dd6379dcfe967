// What the counting clients of one process recorded: each adds one to a number in a file, under a lock, again and
// again.
namespace RaftLocks.Chaos.History;

/// <summary>A wait for the lock, in ms since the run's beginning.</summary>
/// <param name="FromMs">The time when it was requested.</param>
/// <param name="ToMs">The time when it was held.</param>
public sealed record LongWait(double FromMs, double ToMs);

/// <summary>The counts of one process.</summary>
public sealed record CountReport
{
    /// <summary>How often one was added.</summary>
    public long Increments { get; set; }

    /// <summary>How often a lock was lost before anything was written.</summary>
    public long Lost { get; set; }

    /// <summary>Waits of a second and more.</summary>
    public IList<LongWait> LongWaits { get; init; } = [];

    /// <summary>What the library threw, in words.</summary>
    public IList<string> Exceptions { get; init; } = [];
}
