namespace RaftLocks.Cluster.Tests;

// Each test runs several nodes. Those that measure how long something takes run one after the other, with nothing
// beside them: side by side they would measure each other. All others wait for what happens, and run two at a time,
// before those.

/// <summary>The tests that measure time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Measured
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Measured";
}
