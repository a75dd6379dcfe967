// Members come and go one at a time, the cluster remembers them, and a node that lost its data is not the member it
// was.
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Membership;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process members")]
[Trait("Category", "Slow")]
public class MembershipTests
{
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_dead_member_is_replaced_and_the_cluster_remembers()
    {
        await using var cluster = new InProcessCluster(spareNodes: 1);
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(leader, firstSession: 1, count: 200);
        var dead = cluster.Running.First(node => node != leader);
        var deadName = dead.Status.Name;
        await cluster.StopAsync(dead);

        await cluster.RemoveAsync(deadName);
        leader = await cluster.LeaderAsync();
        Assert.DoesNotContain(leader.Members, member => member.Name == deadName);
        var added = await cluster.StartJoiningAsync(3);
        Assert.Equal("joining", added.Status.Role);
        Assert.True(await leader.AddMemberAsync(cluster.AsMember(3), CancellationToken.None).WaitAsync(WaitBound));

        await InProcessCluster.UntilAsync(
            () => cluster.Running.All(node => node.Members.Count == 3 && node.IsMember),
            "not all know the members"
        );
        await InProcessCluster.LockAsync(leader, firstSession: 1001, count: 200);
        await InProcessCluster.UntilAsync(
            () => added.Read(machine => machine.LiveCount) == 400,
            "the new member does not follow"
        );

        // Now the other old member goes too: the new one is needed for every commit, and after a restart still knows
        // whom it is with.
        await cluster.StopAsync(cluster.Running.First(node => node != leader && node != added));
        await InProcessCluster.LockAsync(leader, firstSession: 2001, count: 10);
        await cluster.StopAsync(added);
        await cluster.StartAsync(3);
        var restarted = cluster.Running.First(node => node.Status.Name == "n4");
        Assert.True(restarted.IsMember);
        Assert.Equal(3, restarted.Members.Count);
        await InProcessCluster.UntilAsync(
            () => cluster.Running.Any(node => node.Current is not null),
            "no leader after the restart"
        );
    }

    [Fact]
    public async Task A_removed_member_halts_when_it_hears_of_it_and_its_folder_is_never_used_again()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var removed = cluster.Running.First(node => node != leader);
        var number = removed.Status.Name[1] - '1';
        await cluster.RemoveAsync(removed.Status.Name);
        leader = await cluster.LeaderAsync();

        // The leader has no more to say to it; it hears it from whomever it asks.
        removed.Observe(leader.Members, leader.MembersIndex);
        Assert.Contains("removed", (await removed.Fatal.WaitAsync(WaitBound)).Reason, StringComparison.Ordinal);
        await cluster.StopAsync(removed);
        var error = await Assert.ThrowsAsync<WrongDataDirectoryException>(() => cluster.StartAsync(number));
        Assert.Contains("--join", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_that_lost_its_data_does_not_vote_under_its_old_name()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartKnowingEachOtherAsync();
        var leader = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(leader, firstSession: 1, count: 10);
        var lost = cluster.Running.First(node => node != leader);
        var number = lost.Status.Name[1] - '1';
        await cluster.StopAsync(lost);
        cluster.Wipe(number);

        // It gets the whole log from the leader, old lists of members included, and still has no vote.
        var stranger = await cluster.StartJoiningAsync(number);
        await InProcessCluster.UntilAsync(
            () => stranger.Read(machine => machine.LiveCount) == 10,
            "the leader does not send its log"
        );
        Assert.False(stranger.IsMember);
        var other = cluster.Running.First(node => node != leader && node != stranger);
        var otherNumber = other.Status.Name[1] - '1';
        await cluster.StopAsync(other);
        await cluster.StopAsync(leader);
        await cluster.StartAsync(otherNumber);
        await Task.Delay(4_000);
        Assert.All(cluster.Running, node => Assert.Null(node.Current));
    }

    [Fact]
    public async Task A_lone_member_that_crashed_while_it_added_a_second_gets_its_vote()
    {
        await using var cluster = new InProcessCluster(spareNodes: 1, initialMembers: 1);
        await cluster.StartAllAsync();
        var lone = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(lone, firstSession: 1, count: 10);
        var joining = await cluster.StartJoiningAsync(1);
        Member[] both = [cluster.AsMember(0), cluster.AsMember(1)];
        var term = lone.Status.Term;
        await cluster.StopAsync(lone);

        // It had appended the configuration of the two, and not sent it.
        using (
            var log = EntryLog.Open(
                OsFileSystem.Instance,
                Path.Combine(cluster.OptionsOf(0).DataDirectory, "log"),
                cluster.OptionsOf(0).LogSegmentBytes,
                (0, 0),
                expected: true
            )
        )
        {
            log.Append(new RaftEntry(MemberCodec.Encode(both), term, null, isConfiguration: true));
            log.Flush();
        }

        await cluster.StartAsync(0);
        lone = cluster.Running.First(node => node != joining);
        Assert.Equal(2, lone.Members.Count);
        Assert.Single(lone.AppliedMembers);
        Assert.False(joining.IsMember);

        // As a node does that waits to be added, and asks (ClusterBootstrap).
        joining.ObserveAddition(lone.Members);
        await cluster.LeaderAsync();
        await InProcessCluster.UntilAsync(
            () => joining.IsMember && joining.Read(machine => machine.LiveCount) == 10,
            "the second does not follow"
        );
        await InProcessCluster.UntilAsync(() => lone.AppliedMembers.Count == 2, "the change is not agreed upon");
    }

    [Fact]
    public async Task A_member_that_comes_back_with_other_addresses_is_known_by_them_everywhere()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartKnowingEachOtherAsync();
        var leader = await cluster.LeaderAsync();
        var moved = cluster.Running.First(node => node != leader);
        var number = moved.Status.Name[1] - '1';
        var url = new Uri("http://192.0.2.7:9009");
        await cluster.StopAsync(moved);
        cluster.Readdress(number, member => member with { ClientUrl = url });
        await cluster.StartAsync(number);
        moved = cluster.Running.First(node => node.Status.Name == $"n{number + 1}");
        Assert.NotNull(moved.KnownElsewhere);

        var watch = new AddressWatch(await cluster.LeaderAsync(), TimeProvider.System, NullLogger.Instance);
        using var stopped = new CancellationTokenSource();
        var watching = watch.RunAsync(stopped.Token);
        await InProcessCluster.UntilAsync(
            () =>
                cluster.Running.All(node =>
                    node.AppliedMembers.First(member => member.Name == moved.Status.Name).ClientUrl == url
                ),
            "the others do not know the new address"
        );
        await stopped.CancelAsync();
        await watching;

        Assert.Null(moved.KnownElsewhere);
        Assert.All(cluster.Running, node => Assert.Equal(3, node.Members.Count));
        Assert.Equal(
            "Acquired",
            await (await InProcessCluster.LockAsync(await cluster.LeaderAsync(), firstSession: 1, count: 1))[0].Outcome
        );
    }

    [Fact]
    public async Task A_leader_that_comes_back_with_another_address_for_clients_tells_it_itself()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartKnowingEachOtherAsync();
        var leader = await cluster.LeaderAsync();
        var told = await leader.AskForAddressesAsync(
            leader.Members.First(member => member.Name == leader.Status.Name),
            CancellationToken.None
        );
        Assert.Equal(leader.Members.First(member => member.Name == leader.Status.Name), told);
        Assert.True(
            await leader
                .UpdateMemberAsync(
                    told! with
                    {
                        InternalUrl = new Uri("http://192.0.2.8:9009"),
                    },
                    CancellationToken.None
                )
                .WaitAsync(WaitBound)
        );
        await InProcessCluster.UntilAsync(
            () =>
                cluster.Running.All(node => node.AppliedMembers.Any(member => member.InternalUrl.Host == "192.0.2.8")),
            "the others do not know"
        );
    }

    [Fact]
    public async Task A_member_that_was_told_another_Raft_address_says_where_the_others_look_for_it()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartKnowingEachOtherAsync();
        var moved = cluster.Running.First();
        await cluster.StopAsync(moved);
        var known = cluster.OptionsOf(0).Self.RaftAddress;
        cluster.Readdress(0, member => member with { RaftHost = "::1", RaftPort = 7009 });

        var error = await Assert.ThrowsAsync<WrongDataDirectoryException>(() => cluster.StartAsync(0));
        Assert.Contains($"look for 'n1' at the Raft address {known}", error.Message, StringComparison.Ordinal);
        Assert.Contains("[::1]:7009", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lone_member_changes_its_addresses_by_a_restart()
    {
        await using var cluster = new InProcessCluster(initialMembers: 1);
        await cluster.StartAllAsync();
        await InProcessCluster.LockAsync(await cluster.LeaderAsync(), firstSession: 1, count: 1);
        await cluster.StopAsync(cluster.Running.First());
        cluster.Readdress(
            0,
            member => member with { RaftHost = "localhost", ClientUrl = new Uri("http://192.0.2.7:9009") }
        );
        await cluster.StartAsync(0);
        var leader = await cluster.LeaderAsync();
        Assert.Equal("192.0.2.7", Assert.Single(leader.Members).ClientUrl.Host);
        Assert.Equal(1, leader.Read(machine => machine.LiveCount));
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("localhost")]
    public async Task Members_are_reached_by_an_IPv6_address_or_by_name(string host)
    {
        await using var cluster = new InProcessCluster();
        for (var i = 0; i < 3; i++)
        {
            cluster.Readdress(i, member => member with { RaftHost = host });
        }

        await cluster.StartKnowingEachOtherAsync();
        var leader = await cluster.LeaderAsync();
        Assert.Equal(
            "Acquired",
            await (await InProcessCluster.LockAsync(leader, firstSession: 1, count: 1))[0].Outcome
        );
    }

    [Fact]
    public async Task A_listener_on_all_IPv6_addresses_takes_IPv4_connections_too()
    {
        var network = new SocketNetwork();
        using var probe = new TcpListener(IPAddress.IPv6Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        using var listener = network.Listen(new IPEndPoint(IPAddress.IPv6Any, port));
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            var accepting = listener.AcceptAsync(CancellationToken.None).AsTask();
            await using var connection = await network.ConnectAsync(
                new IPEndPoint(address, port),
                CancellationToken.None
            );
            await using var accepted = (await accepting.WaitAsync(WaitBound)).Stream;
        }
    }
}
