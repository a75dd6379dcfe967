using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Old and new in one cluster, with two real builds: the previous release from the repository's history, and this one.
// One node after the other is replaced, forth, back before all are new, and forth for good, while clients lock and
// release. Which one is next, and when, says the operator's own check.

public sealed class RollingUpgradeTests(ITestOutputHelper output, PreviousBuild previous)
    : ClusterTest(output),
        IClassFixture<PreviousBuild>
{
    private const string Space = "upgrade";
    private const string Token = "holder-0123456789abcdef";
    private const int Clients = 6;
    private const int LocksBetween = 40;
    private const long LongAbandonTimeoutMs = 600_000;

    // A snapshot takes the place of whole files of the log, of 8 MiB, and 48 MiB stay. A node that is sent a snapshot
    // must have missed more than that.
    private const int MissedLocks = 2_000;
    private const int LocksForDigest = 64;
    private const int PathSegments = 40;
    private const int SegmentCharacters = 1_000;

    [HistoryFact]
    public async Task A_cluster_is_upgraded_and_rolled_back_one_node_after_the_other_under_load()
    {
        var cluster = Describe(3);
        foreach (var node in cluster.Nodes)
        {
            node.Program = previous.Program;
        }

        await cluster.StartAsync();
        var held = await HoldAsync(cluster, "ready");
        await using var clients = new CyclingClients(cluster, Space, Clients);
        await clients.GoOnAsync(LocksBetween, AnswerBound);

        // Two of three are new; the level can't rise while one is old, so there is a way back.
        Assert.Equal(2, await ReplaceAsync(cluster, clients, NodeBinary.Path, atMost: 2));
        Assert.Equal(2, await ReplaceAsync(cluster, clients, previous.Program, atMost: 3));
        Assert.Equal(3, await ReplaceAsync(cluster, clients, NodeBinary.Path, atMost: 4));
        await Eventually.HoldsAsync(
            "the check says that there is no way back",
            AnswerBound,
            async () =>
                await CheckAsync(cluster.Nodes[0], "--to", VersionOf(previous.Program)) is { Code: 1 } ended
                && ended.Said.Contains("there is no way back", StringComparison.Ordinal)
        );

        Say($"{await clients.JudgeAsync()} locks");
        Assert.Equal(held, await HoldAsync(cluster, "acquired"));
        await Replicas.AgreeAsync(cluster);
    }

    [HistoryFact]
    public async Task An_old_follower_takes_the_snapshot_of_a_new_leader_and_a_new_one_that_of_an_old_leader()
    {
        var cluster = Describe(3);
        var late = cluster.Nodes[2];
        foreach (var node in cluster.Nodes)
        {
            node.Program = node == late ? previous.Program : NodeBinary.Path;
        }

        await cluster.StartAsync();
        var held = await HoldAsync(cluster, "ready");
        await MissAsync(cluster, late, held);

        // Now the others are old, and the late one is new.
        foreach (var node in cluster.Nodes.Where(node => node != late))
        {
            await EndAsync(node);
            node.Program = previous.Program;
            await cluster.StartAsync();
        }

        await EndAsync(late);
        late.Program = NodeBinary.Path;
        await cluster.StartAsync();
        await MissAsync(cluster, late, held);
    }

    /// <summary>A node is away for so long that only a snapshot brings it back.</summary>
    private async Task MissAsync(LocalCluster cluster, NodeProcess late, string held)
    {
        var missedFrom = (await late.Http.ClusterAsync())!.AppliedIndex;
        await EndAsync(late);

        var leader = await cluster.LeaderAsync();
        var client = await ClientAsync(leader, "large");
        var path = string.Join('/', Enumerable.Repeat(new string('x', SegmentCharacters), PathSegments));
        for (var i = 0; i < MissedLocks; i++)
        {
            await CycleAsync(client, $"{path}/{i}");
        }

        // It cuts its log off behind the snapshot, which is the one that is sent.
        await TakeSnapshotAsync(leader);
        await cluster.StartAsync();
        var snapshot = await Eventually.FindAsync(
            "a snapshot that was sent",
            AnswerBound,
            () =>
                Task.FromResult(
                    Directory
                        .GetFiles(Path.Combine(cluster.DataOf(late.Name), "snapshots"), "*.snapshot")
                        .FirstOrDefault(file => IndexOf(file) > missedFrom)
                )
        );
        Say($"{late.Name} missed what came after index {missedFrom}, and was sent {Path.GetFileName(snapshot)}");
        Assert.Equal(held, await HoldAsync(cluster, "acquired"));

        // Nodes publish a digest for each 64th index; one that was sent a snapshot knows none of before.
        client = await ClientAsync(cluster, "large");
        for (var i = 0; i < LocksForDigest; i++)
        {
            await CycleAsync(client, $"small/{i}");
        }

        await Replicas.AgreeAsync(cluster);
    }

    private static long IndexOf(string snapshot) =>
        long.Parse(Path.GetFileNameWithoutExtension(snapshot), CultureInfo.InvariantCulture);

    private static async Task CycleAsync(WireClient client, string path)
    {
        Assert.Equal("acquired", (await client.LockAsync(path)).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);
    }

    private static async Task TakeSnapshotAsync(NodeProcess node)
    {
        using var http = new HttpClient { BaseAddress = node.Url, Timeout = AnswerBound };
        Assert.NotEmpty(await http.GetByteArrayAsync(new Uri("/v1/admin/snapshot", UriKind.Relative)));
    }

    private static async Task EndAsync(NodeProcess node)
    {
        node.Terminate();
        Assert.Equal(0, await node.WaitForExitAsync(AnswerBound));
    }

    /// <summary>Replaces the members that the check names, until it names none; how many.</summary>
    private async Task<int> ReplaceAsync(LocalCluster cluster, CyclingClients clients, string program, int atMost)
    {
        var replaced = 0;
        while (replaced < atMost && await NextAsync(cluster, program) is { } next)
        {
            await EndAsync(next);
            var (code, said) = await CheckAsync(cluster.Running.First(), "--to", VersionOf(program));
            Assert.Equal(1, code);
            Assert.Matches($@"Not ready: {next.Name} \(http://\S+\) does not answer", said);
            next.Program = program;
            await cluster.StartAsync();
            await clients.GoOnAsync(LocksBetween, AnswerBound);
            replaced++;
            Say($"{next.Name} is {(program == previous.Program ? "old" : "new")}; {clients.Count} locks so far");
        }

        return replaced;
    }

    /// <summary>Waits until the cluster is ready; the member that is next, or null if all run the program.</summary>
    private async Task<NodeProcess?> NextAsync(LocalCluster cluster, string program)
    {
        var said = await Eventually.FindAsync(
            "the check says that the cluster is ready",
            AnswerBound,
            async () =>
                await CheckAsync(cluster.Nodes[0], "--json", "--to", VersionOf(program)) is { Code: 0 } ended
                    ? ended.Said
                    : null
        );
        var next = JsonDocument
            .Parse(said[said.IndexOf("\n{", StringComparison.Ordinal)..])
            .RootElement.GetProperty("next");
        var members = next[0].GetProperty("members").EnumerateArray().Select(name => name.GetString()).ToList();
        return members.Count > 0 ? cluster.Nodes.Single(node => node.Name == members[0]) : null;
    }

    private async Task<(int Code, string Said)> CheckAsync(NodeProcess node, params string[] options) =>
        await OperateAsync(["upgrade", "check", "--node", node.Url.ToString(), .. options]);

    private static string VersionOf(string program) =>
        FileVersionInfo.GetVersionInfo(program).ProductVersion!.Split('+')[0];

    /// <summary>A holder that comes back with its token, finds its lock as it left it, or takes it; its
    /// number.</summary>
    private static async Task<string> HoldAsync(LocalCluster cluster, string stands)
    {
        var (client, found) = await SessionClient.ConnectAsync(cluster, Space, Token, LongAbandonTimeoutMs);
        await using (client)
        {
            Assert.Equal(stands, State(found));
            if (stands == "ready")
            {
                await client.SendAsync("""{"action":"lock","resources":[{"type":"write","path":["kept"]}]}""");
                found = await client.NextAsync();
                Assert.Equal("acquired", State(found));
            }

            return found.GetProperty("id").GetString()!;
        }
    }

    private static string State(JsonElement message) => message.GetProperty("state").GetString()!;
}
