// A test that needs promtool, which comes with Prometheus.
namespace RaftLocks.Node.Tests.Metrics;

/// <summary>A test that needs promtool.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolFactAttribute : FactAttribute
{
    public const string Program = "promtool";

    /// <summary>Skips the test where there is none.</summary>
    public PromtoolFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, Program))))
        {
            Skip = "promtool is not installed (Debian: prometheus)";
        }
    }
}
