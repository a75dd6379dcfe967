// Whoever reaches the Raft port of a node and is no member does nothing to it: nobody ends, nobody loses leadership,
// and no term, entry or member changes. The same holds for what no member would send, in a member's name.
using System.Net.Sockets;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Transport;
using static RaftLocks.Node.Tests.Raft.HostileScene;
using static RaftLocks.Node.Tests.Raft.RaftMessages;

namespace RaftLocks.Node.Tests.Raft;

[Trait("Category", "Slow")]
public sealed class HostileRaftTests
{
    [Fact]
    public async Task The_greatest_term_from_nobody_changes_no_term()
    {
        await using var scene = await StartAsync();
        foreach (var node in scene.Nodes)
        {
            await SendAsync(node, Append(Nobody, long.MaxValue));
            await SendAsync(node, Vote(Nobody, long.MaxValue, long.MaxValue, long.MaxValue));
            await SendAsync(node, Vote(Nobody, long.MaxValue, long.MaxValue, long.MaxValue, isPreVote: true));
        }

        await scene.NothingHappenedAsync();
    }

    [Fact]
    public async Task The_greatest_term_in_a_members_name_changes_no_term()
    {
        await using var scene = await StartAsync();
        await SendAsync(scene.Follower, Append(EndPointOf(scene.Leader), long.MaxValue));
        await SendAsync(scene.Leader, Append(EndPointOf(scene.Follower), scene.Term + TransportLimits.MaxTermJump + 1));
        await scene.NothingHappenedAsync();
    }

    [Fact]
    public async Task A_garbage_entry_in_the_leaders_name_is_appended_nowhere()
    {
        await using var scene = await StartAsync();
        foreach (var node in scene.Nodes.Where(node => node != scene.Leader))
        {
            foreach (var garbage in new byte[][] { [0xB7, .. Text("cnot an entry")], Text("garbage"), [0xB7], [0] })
            {
                await SendAsync(
                    node,
                    [
                        .. Append(
                            EndPointOf(scene.Leader),
                            scene.Term + 5,
                            scene.LastIndex,
                            scene.Term,
                            scene.LastIndex + 1,
                            1
                        ),
                        .. Entry(scene.Term + 5, garbage),
                    ]
                );
            }
        }

        await scene.NothingHappenedAsync();
    }

    [Fact]
    public async Task Resign_is_asked_of_a_leader_in_vain()
    {
        await using var scene = await StartAsync();
        for (var i = 0; i < 100; i++)
        {
            await SendAsync(scene.Leader, [2]);
        }

        await scene.NothingHappenedAsync();
    }

    [Fact]
    public async Task Foreign_members_with_a_snapshot_remove_nobody()
    {
        await using var scene = await StartAsync();
        var nobody = MemberCodec.Encode([]);
        var strangers = MemberCodec.Encode([
            new Member("x1", "10.9.9.9", 1, new Uri("http://10.9.9.9:1"), new Uri("http://10.9.9.9:1")),
        ]);
        foreach (var node in scene.Nodes)
        {
            foreach (var members in new[] { nobody, strangers, Text("RLMB") })
            {
                foreach (var sender in scene.Nodes.Where(other => other != node).Select(EndPointOf).Append(Nobody))
                {
                    await SendAsync(node, Install(sender, scene.Term, 1_000_000, 1_000_000_000, members, default));
                }
            }
        }

        await scene.NothingHappenedAsync();
    }

    [Fact]
    public async Task An_entry_without_end_takes_no_memory()
    {
        await using var scene = await StartAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var piece = Frame(new byte[1 << 20], isLast: false);
        foreach (var sender in new[] { Nobody, EndPointOf(scene.Leader) })
        {
            foreach (var length in new[] { -1, long.MaxValue, TransportLimits.MaxEntryBytes })
            {
                using var socket = await ConnectAsync(scene.Follower);
                await Assert.ThrowsAnyAsync<SocketException>(async () =>
                {
                    await socket.SendAsync(
                        (byte[])[.. Append(sender, scene.Term, count: 1), .. Head(scene.Term, 0, length)]
                    );
                    for (var sent = 0; sent < 64; sent++)
                    {
                        await socket.SendAsync(piece);
                    }
                });
            }
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 48 << 20);
        await scene.NothingHappenedAsync();
    }

    [Fact]
    public async Task Connections_that_say_nothing_keep_no_member_out()
    {
        await using var scene = await StartAsync();
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < 3 * TransportLimits.MaxInbound; i++)
            {
                silent.Add(await ConnectAsync(scene.Follower));
            }

            await scene.NobodyFellAsync();
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }
}
