using RaftLocks.Tests;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// The nodes as processes that prove to each other who they are: settings, a start, new files, and what is refused.

public sealed class RaftTlsTests(ITestOutputHelper output) : ClusterTest(output), IDisposable
{
    private const int WrongSettings = 2;
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Fact]
    public async Task New_certificates_are_read_without_a_restart_or_a_new_leader()
    {
        var cluster = Own(new LocalCluster(_ => [.. LocalCluster.Plain(3).Select(Secure)]));
        await cluster.StartAsync();
        var leader = await cluster.LeaderAsync();
        var term = (await leader.Http.ClusterAsync())!.Term;
        var client = await ClientAsync(leader, "tls");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);

        foreach (var name in new[] { "n1", "n2", "n3" })
        {
            authority.Issue(name, [name]);
        }

        await Eventually.HoldsAsync(
            "every node has read its new certificate",
            AnswerBound,
            () =>
                Task.FromResult(
                    cluster.Nodes.All(node =>
                        node.Log.Contains("certificates of the raft port are read", StringComparison.Ordinal)
                    )
                )
        );
        await client.ReleaseAsync();
        Assert.Equal("acquired", (await client.LockAsync("b")).State);
        Assert.Equal(term, (await leader.Http.ClusterAsync())!.Term);

        // A member whose connections are all new is believed with the new one.
        var follower = cluster.Nodes.First(node => node != leader);
        await follower.KillAsync();
        await cluster.StartAsync();
        Assert.True(await follower.Http.IsReadyAsync());
    }

    [Fact]
    public async Task A_certificate_of_another_member_is_a_wrong_setting()
    {
        var (cert, key) = authority.Issue("n2", ["n2"]);
        var (code, log) = await RunAsync([
            .. Member,
            "--raft-tls-cert",
            cert,
            "--raft-tls-key",
            key,
            "--raft-tls-ca",
            authority.CaFile,
        ]);

        Assert.Equal(WrongSettings, code);
        Assert.Contains("is for n2, and this member is called 'n1'", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_beyond_this_machine_starts_only_with_TLS_or_insecure()
    {
        var (code, log) = await RunAsync([.. Member, "--raft-listen", "0.0.0.0:7009"]);

        Assert.Equal(WrongSettings, code);
        Assert.Contains("--raft-tls-cert", log, StringComparison.Ordinal);
        Assert.Contains("--insecure", log, StringComparison.Ordinal);
    }

    private static string[] Member =>
        [
            "--name",
            "n1",
            "--member",
            "n1,127.0.0.1:7009,http://127.0.0.1:9009",
            "--member",
            "n2,127.0.0.1:7010,http://127.0.0.1:9010",
            "--member",
            "n3,127.0.0.1:7011,http://127.0.0.1:9011",
        ];

    private NodePlan Secure(NodePlan plan)
    {
        var (cert, key) = authority.Issue(plan.Name, [plan.Name]);
        return plan with
        {
            Settings = ["--raft-tls-cert", cert, "--raft-tls-key", key, "--raft-tls-ca", authority.CaFile],
        };
    }
}
