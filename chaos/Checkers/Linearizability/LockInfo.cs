// What is known of one lock request for the whole of a history: what it asked for, and from when on it may have ended
// or changed without anybody having seen it.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>A lock request of a history.</summary>
internal sealed class LockInfo
{
    private readonly Resource[] reads;

    /// <summary>A request for these resources.</summary>
    public LockInfo(IReadOnlyList<Resource> resources)
    {
        Resources = resources;
        reads = [.. resources.Select(resource => resource with { Write = false })];
        HasWrites = resources.Any(resource => resource.Write);
    }

    /// <summary>Its number within the history, for hashes.</summary>
    public int Key { get; set; }

    /// <summary>What it asked for.</summary>
    public IReadOnlyList<Resource> Resources { get; }

    /// <summary>Whether some of it is for writing.</summary>
    public bool HasWrites { get; }

    /// <summary>From when on it may end by itself (its client has gone, its release was never answered); infinity if
    /// that can't be.</summary>
    public double MayEndFrom { get; set; } = double.PositiveInfinity;

    /// <summary>From when on an unanswered downgrade may take effect; infinity if there is none.</summary>
    public double MayDowngradeFrom { get; set; } = double.PositiveInfinity;

    /// <summary>What it locks, before or after a downgrade.</summary>
    public IReadOnlyList<Resource> Locked(bool isDowngraded) => isDowngraded ? reads : Resources;
}
