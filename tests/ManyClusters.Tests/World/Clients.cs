// What the clusters work for: clients that lock, release and forget, each command with its fate on record.
using System.Collections.Concurrent;
using RaftLocks.ManyClusters.Checkers;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.ManyClusters.World;

/// <summary>All clients of one cluster.</summary>
internal sealed class Clients
{
    private const int Count = 5;
    private const int LongestPauseMs = 4;
    private const int LongestHoldMs = 30;

    // A leader that hangs keeps nobody from asking another.
    private static readonly TimeSpan WaitBound = TimeSpan.FromMilliseconds(250);
    private static readonly string[][] Paths =
    [
        ["a"],
        ["a", "x"],
        ["a", "y"],
        ["b"],
        ["b", "x"],
    ];

    private readonly TestCluster cluster;
    private readonly int seed;
    private readonly ConcurrentQueue<Proposal> proposals = new();
    private readonly ConcurrentDictionary<UInt128, bool> owned = new();
    private readonly ConcurrentBag<Task> running = [];
    private volatile bool stopping;
    private long sessions;
    private long lastCommitAtMs = StallMeter.NowMs;
    private long committed;

    public Clients(TestCluster cluster, int seed)
    {
        (this.cluster, this.seed) = (cluster, seed);
        cluster.Inherited = Inherit;
    }

    /// <summary>When a command was last acknowledged, as the stall meter tells time.</summary>
    public long LastCommitAtMs => Interlocked.Read(ref lastCommitAtMs);

    /// <summary>Commands that were acknowledged.</summary>
    public long Committed => Interlocked.Read(ref committed);

    /// <summary>Everything that was proposed.</summary>
    public IReadOnlyList<Proposal> Proposals => [.. proposals];

    /// <summary>Begins.</summary>
    public void Start()
    {
        for (var i = 0; i < Count; i++)
        {
            var client = i;
            running.Add(Task.Run(() => RunAsync(new Random(seed + client))));
        }
    }

    /// <summary>Ends; returns when nobody proposes any more.</summary>
    public async Task StopAsync()
    {
        stopping = true;
        await Task.WhenAll(running);
    }

    /// <summary>Waits until the fate of every command is known that was given to a process which still runs.</summary>
    public async Task SettleAsync(Func<bool> inTime)
    {
        Proposal[] late;
        while (
            (late = [.. proposals.Where(proposal => !proposal.Known.IsCompleted && proposal.IsToRunning())]).Length > 0
            && inTime()
        )
        {
            await Task.Delay(10);
        }

        if (late.Length > 0)
        {
            cluster.Violate("every command is told its fate", $"{late.Length} are not, as {late[0]}");
        }
    }

    /// <summary>Has one more command committed; false if nobody could in time.</summary>
    public async Task<bool> CommitOneAsync(Func<bool> inTime)
    {
        while (inTime())
        {
            var proposal = NewLock(["c"], writes: true);
            owned[proposal.Session] = true;
            if (await TryProposeAsync(proposal, new Random(seed)) && proposal.Fate == Fate.Applied)
            {
                return true;
            }

            await Task.Delay(5, CancellationToken.None);
        }

        return false;
    }

    private async Task RunAsync(Random chance)
    {
        while (!stopping)
        {
            var locked = NewLock(Paths[chance.Next(Paths.Length)], writes: chance.Next(3) > 0);
            owned[locked.Session] = true;
            if (
                await TryProposeAsync(locked, chance)
                && locked is { Fate: Fate.Applied, Told: EventKind.Acquired or EventKind.Enqueued }
            )
            {
                await Task.Delay(chance.Next(LongestHoldMs), CancellationToken.None);
                if (chance.Next(8) > 0)
                {
                    var released = new ReleaseProposal(locked);
                    while (!stopping && !await TryProposeAsync(released, chance))
                    {
                        released = new ReleaseProposal(locked);
                    }
                }
            }

            owned.TryRemove(locked.Session, out _);
            await Task.Delay(1 + chance.Next(LongestPauseMs), CancellationToken.None);
        }
    }

    private LockProposal NewLock(string[] path, bool writes) =>
        new(path, writes) { Session = (UInt128)Interlocked.Increment(ref sessions) };

    /// <summary>
    /// Proposes to whoever leads; true if it was told to somebody, and is not known to have been dropped.
    /// </summary>
    private async Task<bool> TryProposeAsync(Proposal proposal, Random chance)
    {
        var leaders = cluster.Leaders;
        if (leaders.Count == 0)
        {
            await Task.Delay(5, CancellationToken.None);
            return false;
        }

        var (machine, leadership) = leaders[chance.Next(leaders.Count)];
        Address(proposal, machine, leadership);
        if (!leadership.TryPropose(proposal))
        {
            return false;
        }

        proposals.Enqueue(proposal);
        try
        {
            await proposal.Known.WaitAsync(WaitBound);
        }
        catch (TimeoutException)
        {
            return true;
        }

        if (proposal.Fate == Fate.Applied)
        {
            Interlocked.Increment(ref committed);
            Interlocked.Exchange(ref lastCommitAtMs, StallMeter.NowMs);
        }

        return proposal.Fate != Fate.Dropped;
    }

    /// <summary>A new leader ends what belongs to nobody any more.</summary>
    private void Inherit(Machine machine, Leadership leadership, (UInt128 Session, ulong Id)[] live)
    {
        foreach (var (_, id) in live.Where(request => !owned.ContainsKey(request.Session)))
        {
            var abandoned = new AbandonProposal(id);
            Address(abandoned, machine, leadership);
            if (leadership.TryPropose(abandoned))
            {
                proposals.Enqueue(abandoned);
            }
        }
    }

    private static void Address(Proposal proposal, Machine machine, Leadership leadership)
    {
        var life = machine.Lives;
        proposal.To = $"{machine.Name} in term {leadership.Term}";
        proposal.Send();
        proposal.IsToRunning = () => machine.Lives == life;
    }
}
