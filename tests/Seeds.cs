// Property tests draw the same cases at each run, so that whoever changed nothing breaks nothing. For new ones:
// RAFTLOCKS_TEST_SEED=random, or the two numbers that a failure has printed.
using FsCheck.Xunit;

[assembly: RaftLocks.Testing.SeededProperties]

namespace RaftLocks.Testing;

internal static class Seeds
{
    public const string Variable = "RAFTLOCKS_TEST_SEED";
    private const string Default = "2026,1125";

    /// <summary>The seed to begin with; null for one that is drawn.</summary>
    public static string? Choose(string usual = Default) =>
        Environment.GetEnvironmentVariable(Variable) switch
        {
            null or "" => usual,
            "random" => null,
            var asked => asked,
        };
}

/// <summary>All properties of an assembly that have no seed of their own.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class SeededPropertiesAttribute : PropertiesAttribute
{
    public SeededPropertiesAttribute() => Replay = Seeds.Choose();
}

/// <summary>A property with a seed of its own: one under which its cases are known to reach what they should.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SeededPropertyAttribute : PropertyAttribute
{
    public SeededPropertyAttribute(string seed) => Replay = Seeds.Choose(seed);
}
