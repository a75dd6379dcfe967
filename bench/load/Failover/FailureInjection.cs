using RaftLocks.Cluster;

namespace RaftLocks.Load.Failover;

// What is done to a leader, and undone, so that the cluster can be used again.

/// <summary>One failure of one leader.</summary>
/// <param name="cluster">Its cluster.</param>
/// <param name="leader">The leader.</param>
/// <param name="failure">How it dies.</param>
/// <param name="disk">The leader's disk.</param>
internal sealed class FailureInjection(LocalCluster cluster, NodeProcess leader, LeaderFailure failure, FaultyDisk disk)
    : IAsyncDisposable
{
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(60);
    private readonly HttpClient http = new() { Timeout = EndBound };
    private NodeProcess? frozen;
    private NodeProcess? added;
    private string addedMember = "";
    private SilentListener? silent;
    private Task asked = Task.CompletedTask;

    /// <summary>Nodes that can be asked for a lock after it.</summary>
    public IReadOnlyList<NodeProcess> Survivors =>
        [.. cluster.Nodes.Where(node => node != leader && node != frozen && node != added)];

    /// <summary>Prepares what the failure needs.</summary>
    public async Task PrepareAsync()
    {
        if (failure == LeaderFailure.KillBesideFrozen)
        {
            frozen = cluster.Nodes.First(node => node != leader);
            await frozen.FreezeAsync();
        }
        else if (failure == LeaderFailure.MembersHang && cluster.Nodes.Count < 5)
        {
            (added, addedMember) = cluster.DescribeJoining($"n{cluster.Nodes.Count + 1}");
            added.Start();
            await Eventually.HoldsAsync(
                "the new node waits",
                EndBound,
                async () => await added.Http.ClusterAsync() is { Role: "joining" }
            );
        }

        if (failure.HangingPart() is { } part)
        {
            disk.Hang(part);
        }
    }

    /// <summary>Lets the leader fail.</summary>
    public async Task FallAsync()
    {
        var address = cluster.RaftAddressOf(leader.Name);
        switch (failure)
        {
            case LeaderFailure.Kill or LeaderFailure.KillBesideFrozen:
                await leader.KillAsync();
                break;
            case LeaderFailure.Terminate or LeaderFailure.VoteHangs:
                leader.Terminate();
                break;
            case LeaderFailure.Freeze:
                await leader.FreezeAsync();
                break;
            case LeaderFailure.Mute:
                await leader.KillAsync();
                silent = SilentListener.Accepting(address);
                break;
            case LeaderFailure.Swallow:
                await leader.KillAsync();
                silent = await SilentListener.SwallowingAsync(address);
                break;
            case LeaderFailure.Cable:
                await leader.FreezeAsync();
                silent = await SilentListener.FillingAsync(address);
                break;
            case LeaderFailure.LogHangs:
                break; // With the next command.
            case LeaderFailure.MembersHang:
                asked = added is null
                    ? http.DeleteAsync(
                        new Uri(leader.Url, "/v1/admin/members/" + cluster.Nodes.First(node => node != leader).Name)
                    )
                    : http.PostAsync(
                        new Uri(leader.Url, "/v1/admin/members"),
                        new StringContent($$"""{"member":"{{addedMember}}"}""")
                    );
                break;
            case LeaderFailure.SnapshotHangs:
                asked = http.GetAsync(new Uri(leader.Url, "/v1/admin/snapshot"));
                break;
            default:
                throw new InvalidOperationException($"{failure} is not known");
        }
    }

    /// <summary>Ends what is left of the leader, and of the fault. A node whose disk hangs must end by
    /// itself.</summary>
    public async Task ClearAsync()
    {
        if (failure.HangingPart() is not null)
        {
            var code = await leader.WaitForExitAsync(EndBound);
            if (code != 74)
            {
                throw new InvalidOperationException($"{leader.Name} ended with {code}, not with 74:\n{leader.Log}");
            }
        }

        if (leader.IsRunning && failure != LeaderFailure.Terminate)
        {
            await leader.KillAsync();
        }

        await leader.WaitForExitAsync(EndBound);
        frozen?.Thaw();
        silent?.Dispose();
        disk.Mend();
        await asked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        silent?.Dispose();
        http.Dispose();
        return ValueTask.CompletedTask;
    }
}
