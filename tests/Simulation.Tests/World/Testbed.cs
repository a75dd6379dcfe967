// The whole of a simulation: three nodes, their Raft, the clients, the faults; played to the end, and checked.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.History;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Simulation.World;

/// <summary>One run of a plan.</summary>
internal sealed class Testbed
{
    private const int NodeCount = 3;

    // From when all is whole: every abandon timeout, every inherited lock's extra time, an election or two; and a queue
    // of others before it.
    private const double WholeBoundMs = 120_000;
    private const int SilentLeaderClosesWithinMs = 2_600;
    private readonly Plan plan;
    private readonly Random random;
    private readonly FakeRaft raft;
    private readonly SimClient[] clients;

    public Testbed(Plan plan)
    {
        this.plan = plan;
        random = new Random(plan.Seed);
        Truth = new Truth(Clock);
        raft = new FakeRaft(Clock, random, SimNode.LeaseMs, Truth, plan.Late);
        clients =
        [
            .. plan.Clients.Select((client, i) => new SimClient(i, client, this, new Random(HashCodeOf(plan.Seed, i)))),
        ];
    }

    public VirtualClock Clock { get; } = new();

    public Truth Truth { get; }

    public List<Link> Links { get; } = [];

    public List<Request> History { get; } = [];

    public IReadOnlyList<SimNode> Nodes => raft.Nodes;

    /// <summary>Plays and checks.</summary>
    public IReadOnlyList<Violation> Play()
    {
        for (var i = 0; i < NodeCount; i++)
        {
            raft.Nodes.Add(new SimNode(i + 1, raft, Clock, Truth, new LockStateMachine()));
        }

        raft.Reconsider();
        foreach (var client in clients)
        {
            client.Start();
        }

        foreach (var fault in plan.Faults)
        {
            Clock.After(
                fault.AtMs,
                () =>
                {
                    if (fault.Aimed)
                    {
                        raft.AtNextCommit += () => Strike(fault);
                    }
                    else
                    {
                        Strike(fault);
                    }
                }
            );
        }

        var wholeMs = plan.Faults.Select(fault => fault.AtMs + fault.ForMs).DefaultIfEmpty(0).Max();
        PlayUntil(
            wholeMs + WholeBoundMs,
            () => Clock.NowMs > wholeMs && clients.All(client => client.IsDone) && Truth.Live == 0
        );
        foreach (var client in clients.Where(client => !client.IsDone))
        {
            Truth.Fault("nobody waits for ever", client.Waits);
        }

        if (Truth.Live > 0 && clients.All(client => client.IsDone))
        {
            Truth.Fault("everything gets free", $"{Truth.Live} locks are left");
        }

        // What is on its way reaches all.
        PlayUntil(Clock.NowMs + 1_000, () => Nodes.All(node => node.AppliedIndex == raft.Committed));
        return [.. Truth.Violations, .. OrderCheck.Check(History), .. IdCheck.Check(History)];
    }

    private static bool IsWell(SimNode node) => node is { IsUp: true, IsConnected: true, Thread.IsFrozen: false };

    private static int HashCodeOf(int seed, int client) => unchecked((seed * 31) + (client * 7919));

    private void PlayUntil(double limitMs, Func<bool> done)
    {
        // An impossible state is no better after ten thousand more of it.
        while (Truth.Violations.Count == 0 && Clock.NowMs < limitMs && !done() && Clock.Step())
        {
            while (raft.Nodes.ToArray().Aggregate(false, (any, node) => node.Thread.Run() || any)) { }
        }
    }

    private void Strike(Fault fault)
    {
        var node =
            fault.Node == 0
                ? Nodes.FirstOrDefault(node => node is { IsUp: true, Registry.Current: not null }) ?? Nodes[0]
                : Nodes[fault.Node - 1];
        if (!node.IsUp)
        {
            return;
        }

        // Only a majority that is up, connected and awake is sure to go on: one at a time, as in a cluster of three.
        var othersWell = Nodes.All(other => other == node || IsWell(other));
        switch (fault.Kind)
        {
            case FaultKind.Partition when othersWell && IsWell(node):
                node.Connect(false);
                ExpectClosed(node, fault.ForMs, SilentLeaderClosesWithinMs, "without a quorum");
                Clock.After(fault.ForMs, () => node.Connect(true));
                break;
            case FaultKind.Freeze when othersWell && IsWell(node):
                node.Freeze();
                Clock.After(fault.ForMs, node.Thaw);
                ExpectClosed(
                    node,
                    fault.ForMs + 2,
                    Math.Max(SilentLeaderClosesWithinMs, fault.ForMs + 1),
                    "that woke up late"
                );
                break;
            case FaultKind.Crash when othersWell:
                Crash(node, fault.ForMs);
                break;
            case FaultKind.Restart when othersWell:
                node.ShutDown(() => Crash(node, fault.ForMs));
                break;
            case FaultKind.Resign:
                raft.Resign(node);
                break;
            case FaultKind.BreakConnections:
                foreach (
                    var link in Links.Where(link => link.Node == node && link.IsOpen && random.Next(2) == 0).ToArray()
                )
                {
                    link.Cut(
                        random.Next(2) == 0 ? random.NextDouble() : random.Next(500),
                        random.Next(2) == 0 ? random.NextDouble() : random.Next(500)
                    );
                }

                break;
            case FaultKind.SlowDisks:
                raft.FlushMs = 300;
                Clock.After(fault.ForMs, () => raft.FlushMs = 2);
                break;
            case FaultKind.Lies:
                raft.Lies = 0.2;
                Clock.After(fault.ForMs, () => raft.Lies = 0);
                break;
            case FaultKind.WallClock:
                node.Time.WallClockError += TimeSpan.FromMinutes(random.Next(-100_000, 100_000));
                break;
        }
    }

    /// <summary>
    /// A leader that nobody has answered for so long has closed its sessions by then; one that was frozen, at its first
    /// step.
    /// </summary>
    private void ExpectClosed(SimNode node, int silentMs, int closedAfterMs, string whichOne)
    {
        if (silentMs > closedAfterMs && node.Registry.Current?.Leadership is { } leadership)
        {
            Clock.After(
                closedAfterMs,
                () =>
                {
                    if (node.IsUp && !leadership.Ended.IsCancellationRequested)
                    {
                        Truth.Fault(
                            "a leader that lost its majority closes its sessions",
                            $"n{node.Number}, {whichOne}, has not"
                        );
                    }
                }
            );
        }
    }

    private void Crash(SimNode node, int downMs)
    {
        node.Kill();
        foreach (var link in Links.Where(link => link.Node == node && link.IsOpen))
        {
            link.Cut(random.NextDouble() * 10, double.MaxValue / VirtualClock.TicksPerMs / 4);
        }

        Clock.After(
            downMs,
            () =>
            {
                // It begins with an empty state and applies the whole log again; what others know is not lost with it.
                var again = new SimNode(node.Number, raft, Clock, Truth, new LockStateMachine());
                raft.Nodes[node.Number - 1] = again;
                again.CatchUp(1);
                raft.Reconsider();
            }
        );
    }
}
