// A cluster that works, strangers at its Raft ports, and the look at what they have done: nothing.
using System.Net;
using System.Net.Sockets;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

internal sealed class HostileScene : IAsyncDisposable
{
    // A machine that is busy with all of this must not be taken for a leader that is gone.
    private readonly InProcessCluster cluster = new(change: options =>
        options with
        {
            ElectionTimeoutLowMs = 3000,
            ElectionTimeoutHighMs = 5000,
            LeaderSilenceMs = 6000,
        }
    );
    private int locks;

    public RaftNode Leader { get; private set; } = null!;

    public RaftNode Follower { get; private set; } = null!;

    public IReadOnlyList<RaftNode> Nodes => [.. cluster.Running];

    public long Term { get; private set; }

    public long LastIndex { get; private set; }

    /// <summary>Starts three members, of which one leads and has committed something.</summary>
    public static async Task<HostileScene> StartAsync()
    {
        var scene = new HostileScene();
        await scene.cluster.StartAllAsync();
        var leader = scene.Leader = await scene.cluster.LeaderAsync();
        scene.Follower = scene.Nodes.First(node => node != leader);
        await scene.LockAsync();
        await InProcessCluster.UntilAsync(
            () => scene.Nodes.All(node => node.Status.LastIndex == leader.Status.LastIndex && node.Leader is not null),
            "the followers lag"
        );
        scene.Term = leader.Status.Term;
        scene.LastIndex = leader.Status.LastIndex;
        return scene;
    }

    public static IPEndPoint EndPointOf(RaftNode node) =>
        (IPEndPoint)node.Members.First(member => member.Name == node.Status.Name).RaftEndPoint;

    public static async Task<Socket> ConnectAsync(RaftNode node)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(EndPointOf(node));
        return socket;
    }

    /// <summary>Sends bytes, and waits until the node has closed the connection.</summary>
    public static async Task SendAsync(RaftNode node, byte[] bytes)
    {
        using var socket = await ConnectAsync(node);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await socket.SendAsync(bytes, bound.Token);
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], bound.Token));
        }
        catch (SocketException)
        {
            // Closed with what was not read.
        }
    }

    /// <summary>Takes locks that nobody else wants.</summary>
    public async Task LockAsync()
    {
        const int count = 5;
        var proposals = await InProcessCluster.LockAsync(Leader, locks, count);
        Assert.All(proposals, proposal => Assert.Equal("Acquired", proposal.Outcome.Result));
        locks += count;
    }

    /// <summary>Fails if anything has changed since the start.</summary>
    public async Task NothingHappenedAsync()
    {
        // The library works on after an answer: what it would do, it does within an election.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.All(Nodes, node => Assert.Equal(LastIndex, node.Status.LastIndex));
        await NobodyFellAsync();
    }

    /// <summary>Fails if a node has ended, the leader has changed, or no lock is given.</summary>
    public async Task NobodyFellAsync()
    {
        Assert.All(
            Nodes,
            node =>
            {
                Assert.False(node.Fatal.IsCompleted);
                Assert.Equal((Term, Leader.Status.Name), (node.Status.Term, node.Leader?.Name));
                Assert.Equal((0, 0), (node.MembersIndex, node.AppliedMembersIndex));
            }
        );
        Assert.NotNull(Leader.Current);
        await LockAsync();
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
