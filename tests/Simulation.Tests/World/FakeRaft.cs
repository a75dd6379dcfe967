// Raft as its promises have it, without its messages: one log of committed entries, one leader at most that can commit,
// and everything that a real cluster may do in between. Entries of a lost leader may survive it or not; a node may find
// out late; a call may say the wrong thing.
using RaftLocks.Node.Raft;

namespace RaftLocks.Simulation.World;

/// <summary>An entry of the log.</summary>
/// <param name="Term">Its term.</param>
/// <param name="Bytes">The commands; null for a leader's first entry.</param>
/// <param name="Leader">Who appended it.</param>
/// <param name="AppendedAt">When.</param>
internal sealed record Entry(long Term, byte[]? Bytes, SimNode Leader, long AppendedAt);

/// <summary>The cluster's log and who may append to it.</summary>
internal sealed class FakeRaft(VirtualClock clock, Random random, int leaseMs, Truth truth, bool late)
{
    // The library's election timeouts: nobody votes for somebody else within the lease of a leader that it has
    // answered.
    private const int LongestElectionMs = 1000;

    private readonly List<Entry> committed = [];
    private readonly List<Entry> suffix = [];
    private SimNode? leader;
    private bool electing;
    private long answeredAt = long.MinValue / 2;

    /// <summary>All nodes, those that are down too.</summary>
    public List<SimNode> Nodes { get; } = [];

    /// <summary>The newest term.</summary>
    public long Term { get; private set; }

    /// <summary>How slow the disks are at the moment, ms for a flush at most.</summary>
    public double FlushMs { get; set; } = 2;

    /// <summary>
    /// How often a call says the wrong thing: that it failed though it did not, or that it is done though it is not.
    /// </summary>
    public double Lies { get; set; }

    /// <summary>What comes between the next commit and its being applied anywhere; once.</summary>
    public Action? AtNextCommit { get; set; }

    /// <summary>How many entries are committed.</summary>
    public long Committed => committed.Count;

    /// <summary>A committed entry; indexes begin with 1.</summary>
    public Entry this[long index] => committed[(int)index - 1];

    /// <summary>Whether a node leads the newest term and can reach a majority.</summary>
    public bool CanCommit(SimNode node, long term) =>
        leader == node && term == Term && node.IsConnected && !node.Thread.IsFrozen;

    /// <summary>Something has changed: if the leader is gone for longer than its lease, another is elected.</summary>
    public void Reconsider()
    {
        if (electing || (leader is { IsUp: true, IsConnected: true, Thread.IsFrozen: false }))
        {
            return;
        }

        electing = true;
        clock.After(leaseMs + random.Next(LongestElectionMs - leaseMs), Elect);
    }

    /// <summary>How long it takes until the calls of a leader that is none any more fail.</summary>
    public double NoticeMs() => late && random.Next(3) == 0 ? random.NextDouble() * 40 : 0;

    /// <summary>The leader steps down of its own accord.</summary>
    public void Resign(SimNode node)
    {
        if (leader == node)
        {
            leader = null;
            node.Depose();
            Reconsider();
        }
    }

    /// <summary>Appends, and hands over for replication.</summary>
    public Task AppendAsync(SimNode node, long term, byte[] bytes, ProposedBatch context, CancellationToken token)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (node.LeadsIn != term)
        {
            throw new InvalidOperationException("not the leader of this term");
        }

        var entry = new Entry(term, bytes, node, clock.Now);
        var isCurrent = leader == node && Term == term;
        node.LastIndex = isCurrent ? committed.Count + suffix.Count + 1 : node.LastIndex + 1;
        node.Contexts[node.LastIndex] = context;
        if (isCurrent)
        {
            suffix.Add(entry);
        }

        Try(node, term, entry);
        if (random.NextDouble() < Lies)
        {
            clock.After(
                random.NextDouble() * 20,
                () =>
                    node.Thread.Post(() =>
                    {
                        _ =
                            random.Next(2) == 0
                                ? done.TrySetResult()
                                : done.TrySetException(
                                    new InvalidOperationException("leadership is lost, says the call")
                                );
                    })
            );
        }

        node.Wait(entry, done, token);
        return done.Task;
    }

    /// <summary>Asks a majority whether the node still leads.</summary>
    public Task ConfirmAsync(SimNode node, long term, CancellationToken token)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var askedAt = clock.Now;
        var asked = CanCommit(node, term);
        clock.After(
            1 + (random.NextDouble() * FlushMs),
            () =>
            {
                if (asked && CanCommit(node, term))
                {
                    Confirmed(node, askedAt);
                    node.Thread.Post(() => done.TrySetResult());
                }
                else
                {
                    node.WaitUntilDeposed(done);
                }
            }
        );
        token.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetCanceled(), done);
        return done.Task;
    }

    private void Try(SimNode node, long term, Entry entry) =>
        clock.After(
            0.3 + (random.NextDouble() * FlushMs),
            () =>
            {
                if (leader == node && Term == term && suffix.IndexOf(entry) is >= 0 and var at)
                {
                    if (CanCommit(node, term))
                    {
                        Confirmed(node, entry.AppendedAt);
                        Commit(at + 1);
                    }
                    else
                    {
                        // Cut off for the moment. It goes on if it is still the leader when that is over.
                        clock.After(20, () => Try(node, term, entry));
                    }
                }
            }
        );

    private void Confirmed(SimNode node, long askedAt)
    {
        answeredAt = clock.Now;
        node.ConfirmedAt = Math.Max(node.ConfirmedAt, askedAt);
    }

    private void Commit(int count)
    {
        foreach (var entry in suffix.Take(count))
        {
            committed.Add(entry);
            truth.OnCommitted(committed.Count, entry);
        }

        suffix.RemoveRange(0, count);
        var ambush = AtNextCommit;
        AtNextCommit = null;
        ambush?.Invoke();
        foreach (var node in Nodes)
        {
            node.CatchUp(node == leader && !(late && random.Next(10) == 0) ? 0 : random.NextDouble() * 30);
        }
    }

    private void Elect()
    {
        electing = false;
        if (leader is { IsUp: true, IsConnected: true, Thread.IsFrozen: false })
        {
            return;
        }

        var able = Nodes.Where(node => node is { IsUp: true, IsConnected: true, Thread.IsFrozen: false }).ToArray();
        if (able.Length <= Nodes.Count / 2 || clock.Now - answeredAt < leaseMs * VirtualClock.TicksPerMs)
        {
            Reconsider();
            return;
        }

        var old = leader;
        leader = able[random.Next(able.Length)];
        Term++;

        // Of what the old leader had not committed, the voters may have a part.
        var survive = random.Next(suffix.Count + 1);
        suffix.RemoveRange(survive, suffix.Count - survive);
        var first = new Entry(Term, null, leader, clock.Now);
        suffix.Add(first);
        truth.OnElected(Term, leader);
        leader.Elected(Term, committed.Count + suffix.Count);
        Try(leader, Term, first);
        if (old is not null && old != leader && old.IsConnected)
        {
            old.Depose();
        }
    }
}
