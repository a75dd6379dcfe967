namespace RaftLocks.Cluster.Tests;

// Faults of the disk are made by a library that is preloaded into the node's process.

/// <summary>A test that needs the shims of chaos/shims.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ShimFactAttribute : FactAttribute
{
    /// <summary>Skips the test where they can't be built.</summary>
    public ShimFactAttribute()
    {
        if (!Shims.CanBuild)
        {
            Skip = "the shims want Linux and gcc";
        }
    }
}
