// Three members or five in one process, on ports of their own, and nodes that are no members yet.
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Raft;

internal sealed class InProcessCluster : IAsyncDisposable
{
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(30);

    private readonly string root = Directory.CreateTempSubdirectory("raftlocks-").FullName;
    private readonly Member[] members;
    private readonly RaftNode?[] nodes;
    private readonly int initialMembers;
    private readonly Func<RaftNodeOptions, RaftNodeOptions> change;

    public InProcessCluster(
        int spareNodes = 0,
        Func<RaftNodeOptions, RaftNodeOptions>? change = null,
        int initialMembers = 3
    )
    {
        this.initialMembers = initialMembers;
        this.change = change ?? (options => options);
        nodes = new RaftNode?[initialMembers + spareNodes];
        var listeners = Enumerable.Range(0, nodes.Length).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        Array.ForEach(listeners, listener => listener.Start());
        members =
        [
            .. listeners.Select(
                (listener, i) =>
                    new Member(
                        $"n{i + 1}",
                        "127.0.0.1",
                        ((IPEndPoint)listener.LocalEndpoint).Port,
                        new Uri("http://127.0.0.1:1"),
                        new Uri("http://127.0.0.1:1")
                    )
            ),
        ];
        Array.ForEach(listeners, listener => listener.Dispose());
    }

    /// <summary>Called when a node has just begun to lead, before anything else happens there.</summary>
    public Action<RaftNode, Leadership>? Gained { get; set; }

    /// <summary>Where the nodes' logs go.</summary>
    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    public IEnumerable<RaftNode> Running => nodes.Where(node => node is not null)!;

    public RaftNodeOptions OptionsOf(int node) =>
        change(
            new RaftNodeOptions
            {
                Name = members[node].Name,
                DataDirectory = Path.Combine(root, members[node].Name),
                Members = node < initialMembers ? members[..initialMembers] : members,
                SnapshotEveryBytes = 64 * 1024,
                KeptLogBytes = 0,
            }
        );

    public Task StartAllAsync() => Task.WhenAll(Enumerable.Range(0, initialMembers).Select(StartAsync));

    /// <summary>Starts the three initial members as nodes do that have asked each other for their
    /// incarnations.</summary>
    public Task StartKnowingEachOtherAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            nodes[i] = new RaftNode(OptionsOf(i), new NobodyListens(), NullLoggerFactory.Instance, TimeProvider.System);
        }

        Member[] known = [.. Enumerable.Range(0, 3).Select(AsMember)];
        return Task.WhenAll(
            Running.Select(async node =>
            {
                node.Bootstrap(known);
                await node.StartAsync(CancellationToken.None);
            })
        );
    }

    /// <summary>What a node that is started from now on is told of itself.</summary>
    public void Readdress(int node, Func<Member, Member> readdress) => members[node] = readdress(members[node]);

    public async Task StartAsync(int node)
    {
        var opened = new RaftNode(OptionsOf(node), new Listener(this, node), Loggers, TimeProvider.System);
        nodes[node] = opened;
        await opened.StartAsync(CancellationToken.None);
    }

    /// <summary>Starts a node that waits to be added.</summary>
    public async Task<RaftNode> StartJoiningAsync(int node)
    {
        var opened = new RaftNode(
            OptionsOf(node),
            new NobodyListens(),
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
        opened.WaitToJoin();
        nodes[node] = opened;
        await opened.StartAsync(CancellationToken.None);
        return opened;
    }

    /// <summary>A node as a member with the data that it has.</summary>
    public Member AsMember(int node) => members[node] with { Incarnation = nodes[node]!.Incarnation };

    /// <summary>Empties the folder of a node that is stopped.</summary>
    public void Wipe(int node) => Directory.Delete(OptionsOf(node).DataDirectory, recursive: true);

    public async Task StopAsync(RaftNode node)
    {
        nodes[Array.IndexOf(nodes, node)] = null;
        await node.DisposeAsync();
    }

    public async Task<RaftNode> LeaderAsync()
    {
        RaftNode? leader = null;
        await UntilAsync(
            () => (leader = Running.FirstOrDefault(node => node.Current is not null)) is not null,
            "no leader"
        );
        return leader!;
    }

    /// <summary>
    /// Removes a member as an operator does: whoever leads is asked, and the next leader too, until nobody knows it any
    /// more. On a machine that stalls leadership may change in the middle, and then a change in doubt is looked at
    /// before it is asked for again.
    /// </summary>
    public async Task RemoveAsync(string name)
    {
        using var timeout = new CancellationTokenSource(WaitBound);
        while (
            await LeaderAsync() is var leader
            && leader.Members.FirstOrDefault(member => member.Name == name) is { } member
        )
        {
            try
            {
                await leader.RemoveMemberAsync(member, timeout.Token);
            }
            catch (InvalidOperationException) when (!timeout.IsCancellationRequested)
            {
                await Task.Delay(10, timeout.Token);
            }
        }
    }

    public static async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        using var timeout = new CancellationTokenSource(WaitBound);
        while (!condition())
        {
            Assert.False(timeout.IsCancellationRequested, otherwise);
            await Task.Delay(10);
        }
    }

    /// <summary>Takes a lock of its own for each session, all at once, and waits for the answers.</summary>
    /// <param name="leader">Who is asked.</param>
    /// <param name="firstSession">The first of the sessions, which are numbered on.</param>
    /// <param name="count">How many.</param>
    /// <param name="resource">The number of the session whose lock is wanted; null for the asking session's
    /// own.</param>
    public static async Task<Proposal[]> LockAsync(RaftNode leader, int firstSession, int count, int? resource = null)
    {
        var proposals = Enumerable
            .Range(firstSession, count)
            .Select(session => new Proposal(session, resource))
            .ToArray();
        foreach (var proposal in proposals)
        {
            if (leader.Current is not { } leadership || !await leadership.ProposeAsync(proposal))
            {
                proposal.OnDropped();
            }
        }

        await Task.WhenAll(proposals.Select(proposal => proposal.Outcome)).WaitAsync(WaitBound);
        return proposals;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Running.Select(node => node.DisposeAsync().AsTask()));
        Directory.Delete(root, recursive: true);
    }

    internal sealed class Proposal(int session, int? resource = null) : PendingCommand
    {
        private readonly TaskCompletionSource<string> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int told;

        public Task<string> Outcome => outcome.Task;

        public int TimesTold => Volatile.Read(ref told);

        public ulong Id { get; private set; }

        public override void WriteTo(EntryWriter writer) =>
            writer.Add(
                new LockCommand(
                    Encoding.UTF8.GetBytes("ns"),
                    new SessionId((UInt128)session, Resumable: false),
                    default,
                    new ResourceSetBuilder().Begin(Access.Write).Segment($"r{resource ?? session}").Build(),
                    1000
                )
            );

        public override void OnApplied(in LockEvent reply)
        {
            Id = reply.Id;
            Tell(reply.Kind.ToString());
        }

        public override void OnOutcomeUnknown() => Tell("in doubt");

        public override void OnDropped() => Tell("dropped");

        private void Tell(string what)
        {
            Interlocked.Increment(ref told);
            outcome.TrySetResult(what);
        }
    }

    internal class NobodyListens : ILeadershipListener
    {
        public virtual void OnGained(Leadership leadership, IReadOnlyList<LockRequest> live) { }

        public void OnLost(Leadership leadership) { }

        public void OnAcquired(LockRequest granted) { }
    }

    private sealed class Listener(InProcessCluster cluster, int node) : NobodyListens
    {
        public override void OnGained(Leadership leadership, IReadOnlyList<LockRequest> live) =>
            cluster.Gained?.Invoke(cluster.nodes[node]!, leadership);
    }
}
