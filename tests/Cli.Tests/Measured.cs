namespace RaftLocks.Cli.Tests;

// Each test here starts programs. Those in which processes are stopped, go on and are killed within stated times run
// one after the other, after all others and with nothing beside them.

/// <summary>The tests that measure time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Measured
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Measured";
}
