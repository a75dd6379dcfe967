using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RaftLocks.Chaos.Network;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// A leader that is well, and has lost its majority without losing a connection: it is not heard, or hears nothing, or
// is never answered, or the others are frozen. Within three seconds it has closed its sessions, and what they held is
// kept for its abandon timeout. And one that was frozen itself finds its lease expired before it answers anybody.

[Collection(Measured.Name)]
public sealed partial class SilencedLeaderTests(ITestOutputHelper output, WiredCluster wired)
    : ClusterTest(output),
        IClassFixture<WiredCluster>
{
    private const int MaxSilenceMs = 3_000;
    private const int LeaseMs = 500;

    // Far more than three seconds: how long the leader was without a majority is checked by its own clock, not by that
    // of a busy machine.
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(15);

    private static readonly LinkState Held = new(IsHeld: true);

    [Fact]
    public Task A_leader_whose_peers_do_not_hear_it_closes_its_sessions_within_3_s() =>
        LoseMajorityAsync(
            (leader, peers) => wired.SetAsync([leader], peers, Held),
            (leader, peers) => wired.SetAsync([leader], peers, default)
        );

    [Fact]
    public Task A_leader_that_does_not_hear_its_peers_closes_its_sessions_within_3_s() =>
        LoseMajorityAsync(
            (leader, peers) => wired.SetAsync(peers, [leader], Held),
            (leader, peers) => wired.SetAsync(peers, [leader], default)
        );

    [Fact]
    public Task A_leader_whose_peers_accept_and_never_answer_closes_its_sessions_within_3_s() =>
        LoseMajorityAsync(
            (leader, peers) => wired.SetAsync(peers, [leader], new LinkState(HoldsAnswers: true)),
            (leader, peers) => wired.SetAsync(peers, [leader], default)
        );

    [Fact]
    public Task A_leader_whose_peers_are_frozen_closes_its_sessions_within_3_s() =>
        LoseMajorityAsync(
            (_, peers) => Task.WhenAll(peers.Select(peer => peer.FreezeAsync())),
            (_, peers) =>
            {
                Array.ForEach(peers, peer => peer.Thaw());
                return Task.CompletedTask;
            }
        );

    [Fact]
    public async Task A_leader_woken_from_SIGSTOP_answers_nothing_under_an_expired_lease()
    {
        var leader = await wired.Nodes.LeaderAsync();
        NodeProcess[] peers = [.. wired.Nodes.Nodes.Where(node => node != leader)];
        var (client, _) = await SessionClient.ConnectAsync(wired.Nodes, "woken", Guid.NewGuid().ToString("N"), 600_000);
        Own(client);
        await client.SendAsync("""{"action":"ping"}""");
        Assert.Equal("pong", (await client.NextAsync()).GetProperty("action").GetString());

        // A ping takes nothing but the lease to be answered. Nobody can renew it now, and it ends while the leader is
        // frozen.
        await Task.WhenAll(peers.Select(peer => peer.FreezeAsync()));
        try
        {
            await leader.FreezeAsync();
            var frozenAt = Stopwatch.GetTimestamp();
            await client.SendAsync("""{"action":"ping"}""");
            await Eventually.HoldsAsync(
                "the lease is over",
                CloseBound,
                () => Task.FromResult(Stopwatch.GetElapsedTime(frozenAt).TotalMilliseconds > LeaseMs)
            );
            leader.Thaw();

            await client.Ended.WaitAsync(CloseBound);
            Assert.True(client.HasEnded, "something was answered");
        }
        finally
        {
            Array.ForEach(peers, peer => peer.Thaw());
        }

        await wired.Nodes.ReadyAsync();
    }

    private async Task LoseMajorityAsync(
        Func<NodeProcess, NodeProcess[], Task> strikeAsync,
        Func<NodeProcess, NodeProcess[], Task> healAsync
    )
    {
        var leader = await wired.Nodes.LeaderAsync();
        NodeProcess[] peers = [.. wired.Nodes.Nodes.Where(node => node != leader)];
        var ns = Guid.NewGuid().ToString("N");
        var holder = await ClientAsync(leader, ns, 600_000);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
        var waiter = await ClientAsync(leader, ns, 600_000);
        Assert.Equal("enqueued", (await waiter.LockAsync("a")).State);
        var endsBefore = Ends(leader).Count;

        await strikeAsync(leader, peers);
        try
        {
            Assert.Equal(1012, (await holder.Ended.WaitAsync(CloseBound)).Code);
            Assert.Equal(1012, (await waiter.Ended.WaitAsync(CloseBound)).Code);
            Assert.False(holder.HasReply);
            Assert.False(waiter.HasReply);

            // Either it noticed by itself, or those that could still reach it told it that they have elected another.
            var end = (
                await Eventually.FindAsync(
                    "the leader says why",
                    CloseBound,
                    () => Task.FromResult(Ends(leader).ElementAtOrDefault(endsBefore))
                )
            ).Groups;
            Say(end[0].Value);
            Assert.InRange(
                end["silence"].Success ? int.Parse(end["silence"].Value, CultureInfo.InvariantCulture) : 0,
                0,
                MaxSilenceMs
            );
        }
        finally
        {
            await healAsync(leader, peers);
        }

        await wired.Nodes.ReadyAsync();
        var newcomer = await ClientAsync(wired.Nodes, ns);
        Assert.Equal("enqueued", (await newcomer.LockAsync("a")).State);
    }

    private static MatchCollection Ends(NodeProcess leader) => Ended().Matches(leader.Log);

    [GeneratedRegex(
        @"no longer leads \(term \d+\): (no majority has answered for (?<silence>\d+) ms|another term has begun)",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking
    )]
    private static partial Regex Ended();
}
