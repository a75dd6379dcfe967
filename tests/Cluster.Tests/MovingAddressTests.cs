using RaftLocks.Tests;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// What Kubernetes does to a cluster: members are known by names that stay, and each restart gives a node another
// address. The others learn of it late, and the old address may belong to another member by then. All three are
// restarted, one after the other, while clients lock and release through whichever node.

public sealed class MovingAddressTests(ITestOutputHelper output) : ClusterTest(output), IDisposable
{
    private const string Space = "moving";
    private const string Token = "holder-0123456789abcdef";
    private const int Clients = 6;
    private const int LocksBetween = 40;
    private const long LongAbandonTimeoutMs = 600_000;
    private static readonly int[] Ports = FreePorts.Take(2);

    private readonly TestAuthority authority = new();
    private readonly Dictionary<string, int> addresses = new(StringComparer.Ordinal)
    {
        ["n1"] = 1,
        ["n2"] = 2,
        ["n3"] = 3,
    };

    public void Dispose() => authority.Dispose();

    [ShimFact]
    public async Task Names_stay_and_addresses_change_at_each_restart_and_no_lock_is_lost()
    {
        var cluster = Own(
            new LocalCluster(
                _ => [.. addresses.Keys.Select(name => At(Plan(name), addresses[name]))],
                "--follower-mode",
                "proxy"
            )
        );
        foreach (var node in cluster.Nodes)
        {
            LookUpInFile(cluster, Own(node));
            Tell(cluster, node.Name);
        }

        await cluster.StartAsync();
        var held = await HoldAsync(cluster, "ready");
        await using var clients = new CyclingClients(cluster, Space, Clients);
        await clients.GoOnAsync(LocksBetween, AnswerBound);

        // Each takes the address that the one before has left, but for the first.
        foreach (var (name, address) in new[] { ("n3", 4), ("n2", 3), ("n1", 2) })
        {
            await MoveAsync(cluster, name, address);
            await clients.GoOnAsync(LocksBetween, AnswerBound);
            Assert.Equal(held, await HoldAsync(cluster, "acquired"));
            Say($"{name} is at {Host(address)}; {clients.Count} locks so far");
        }

        Say($"{await clients.JudgeAsync()} locks");
        await Replicas.AgreeAsync(cluster);
    }

    /// <summary>Ends a node, and starts it at another address, of which the others hear when it listens
    /// there.</summary>
    private async Task MoveAsync(LocalCluster cluster, string name, int address)
    {
        var old = cluster.Nodes.Single(node => node.Name == name);
        old.Terminate();
        Assert.Equal(0, await old.WaitForExitAsync(AnswerBound));

        addresses[name] = address;
        var moved = Own(cluster.DescribeMoved(name, plan => At(plan, address)));
        LookUpInFile(cluster, moved);
        Tell(cluster, name);
        moved.Start();
        await Eventually.HoldsAsync(
            $"{name} listens at its new address",
            AnswerBound,
            async () => await moved.Http.GetAsync("/health/live") is not null
        );
        foreach (var other in addresses.Keys)
        {
            Tell(cluster, other);
        }

        await cluster.ReadyAsync();
    }

    private static NodePlan Plan(string name) =>
        new(name, $"{name}.locks.test:{Ports[0]}", new Uri($"http://{name}.locks.test:{Ports[1]}"));

    private NodePlan At(NodePlan plan, int address)
    {
        var (cert, key) = authority.Issue(plan.Name, [plan.Name]);
        return plan with
        {
            Listen = new Uri($"http://{Host(address)}:{Ports[1]}"),
            Settings =
            [
                "--raft-listen",
                $"{Host(address)}:{Ports[0]}",
                "--raft-tls-cert",
                cert,
                "--raft-tls-key",
                key,
                "--raft-tls-ca",
                authority.CaFile,
            ],
        };
    }

    private static string Host(int address) => $"127.77.0.{address}";

    private static string FileOf(LocalCluster cluster, string name) => cluster.DataOf(name) + ".hosts";

    private static void LookUpInFile(LocalCluster cluster, NodeProcess node)
    {
        node.Environment["LD_PRELOAD"] = Shims.Build("hosts");
        node.Environment["HOSTS_FILE"] = FileOf(cluster, node.Name);
    }

    /// <summary>Lets a node know where all are now; never half of it.</summary>
    private void Tell(LocalCluster cluster, string name)
    {
        var file = FileOf(cluster, name);
        File.WriteAllText(
            file + ".new",
            string.Concat(addresses.Select(known => $"{known.Key}.locks.test {Host(known.Value)}\n"))
        );
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>A holder that comes back with its token, finds its lock as it left it, or takes it; its
    /// number.</summary>
    private static async Task<string> HoldAsync(LocalCluster cluster, string stands)
    {
        var (client, found) = await SessionClient.ConnectAsync(cluster, Space, Token, LongAbandonTimeoutMs);
        await using (client)
        {
            Assert.Equal(stands, found.GetProperty("state").GetString());
            if (stands == "ready")
            {
                await client.SendAsync("""{"action":"lock","resources":[{"type":"write","path":["kept"]}]}""");
                found = await client.NextAsync();
                Assert.Equal("acquired", found.GetProperty("state").GetString());
            }

            return found.GetProperty("id").GetString()!;
        }
    }
}
