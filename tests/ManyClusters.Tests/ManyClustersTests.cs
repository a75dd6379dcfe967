// The schedules of a usual test run.
using System.Globalization;
using RaftLocks.ManyClusters.Run;
using Xunit.Abstractions;

namespace RaftLocks.ManyClusters;

/// <summary>Many clusters, each with a schedule of its own.</summary>
public class ManyClustersTests(ITestOutputHelper output)
{
    private const string MinutesVariable = "RAFTLOCKS_MANY_CLUSTERS_MINUTES";

    [Fact]
    public async Task Nothing_that_befalls_a_cluster_breaks_a_promise()
    {
        var minutes = double.Parse(
            Environment.GetEnvironmentVariable(MinutesVariable) ?? "2",
            CultureInfo.InvariantCulture
        );
        var campaign = new Campaign(
            new CampaignOptions(TimeSpan.FromMinutes(minutes), Seed: 2026, Parallel: 3, StopsAtFirst: true),
            output.WriteLine
        );
        Assert.True(await campaign.RunAsync(), string.Join('\n', campaign.Failed.Select(Campaign.Describe)));
    }
}
