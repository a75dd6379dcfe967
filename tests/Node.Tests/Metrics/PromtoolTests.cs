// The alert rules as Prometheus itself reads them, played against figures (deploy/prometheus/alerts.test.yml).
using System.Diagnostics;

namespace RaftLocks.Node.Tests.Metrics;

public class PromtoolTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    [PromtoolFact]
    public Task The_rules_are_rules_that_Prometheus_reads() => RunAsync("check", "rules", "alerts.yml");

    [PromtoolFact]
    public Task The_alerts_come_when_they_should_and_not_before() => RunAsync("test", "rules", "alerts.test.yml");

    private static async Task RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(PromtoolFactAttribute.Program, arguments)
        {
            WorkingDirectory = Path.Combine(MetricsTests.Root(), "deploy/prometheus"),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var promtool = Process.Start(start)!;
        var said = promtool.StandardOutput.ReadToEndAsync();
        var complained = promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync().WaitAsync(Bound);

        Assert.True(promtool.ExitCode == 0, await said + await complained);
    }
}
