// Whose command is next: shares by cost, nobody starves, and the order of each connection is kept.
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

public class FlowSchedulerTests
{
    private const int Cheap = FairShares.CommandCost;
    private const int Dear = 40 * Cheap;

    private readonly FairShares shares = new();
    private readonly FlowScheduler scheduler;

    public FlowSchedulerTests() => scheduler = new FlowScheduler(shares);

    [Fact]
    public void A_connection_keeps_the_order_of_its_commands()
    {
        var flow = Flow();
        Add(flow, 10);
        Assert.Equal(Enumerable.Range(0, 10), Batch().Select(command => command.Number));
        Assert.Equal(0, scheduler.Count);
    }

    [Fact]
    public void Connections_of_a_party_have_equal_shares_by_cost_not_by_number()
    {
        var party = new ProposalParty();
        var (cheap, dear) = (new ProposalFlow(party), new ProposalFlow(party));
        Add(cheap, 8_000);
        Add(dear, 200, Dear);

        var taken = Batch(4_000);
        AssertEqualCosts(taken, of => of.Flow == cheap, of => of.Flow == dear, shares.Flow + Dear);
    }

    [Fact]
    public void A_party_of_twenty_connections_has_no_larger_share_than_a_party_of_one()
    {
        var (many, one) = (new ProposalParty(), new ProposalParty());
        for (var i = 0; i < 20; i++)
        {
            Add(new ProposalFlow(many), 500);
        }

        var alone = new ProposalFlow(one);
        Add(alone, 4_000);

        // Each had a first share.
        var taken = Batch(6_000).Skip(21 * (int)(shares.First / Cheap)).ToList();
        AssertEqualCosts(taken, of => of.Flow!.Party == many, of => of.Flow == alone, shares.Party + shares.Flow);
    }

    [Fact]
    public void Who_waits_for_answers_is_in_the_next_batch_however_much_others_have_waiting()
    {
        for (var i = 0; i < 20; i++)
        {
            Add(Flow(), 1_000);
        }

        Batch(4_096);
        var polite = Flow();
        for (var round = 0; round < 100; round++)
        {
            Add(polite, 1);
            var first = Batch(4_096).FindIndex(command => command.Flow == polite);
            Assert.InRange(first, 0, (int)(shares.First / Cheap));
            Add(Flow(), 1_000);
        }
    }

    [Fact]
    public void While_somebody_waits_for_answers_the_others_have_small_batches_and_else_large_ones()
    {
        var (greedy, polite) = (Flow(), Flow());
        Add(greedy, 100_000);
        Assert.Equal(4_096, Batch(4_096).Count);
        Assert.False(scheduler.HasPolite);

        Add(polite, 1);
        Batch(4_096);
        Assert.True(scheduler.HasPolite);
        for (var batch = 0; batch < shares.Remembered; batch++)
        {
            Assert.Equal((int)(shares.Backlog / Cheap), Batch(4_096).Count);
        }

        Assert.Equal(4_096, Batch(4_096).Count);
    }

    [Fact]
    public void Who_had_a_backlog_lately_does_not_count_as_one_who_waits_for_answers()
    {
        var flow = Flow();
        Add(flow, 1_000);
        Batch();
        Add(flow, 1);
        Batch();
        Assert.False(scheduler.HasPolite);
    }

    [Fact]
    public void Who_took_too_much_pays_before_it_comes_first_again()
    {
        var (dear, cheap, last) = (Flow(), Flow(), Flow());
        Add(dear, 1, Dear);
        Batch();
        Add(cheap, 100);
        Add(dear, 1, Dear);
        Add(last, 1);

        // Without a debt it would be second.
        var order = Batch().Select(command => command.Flow).ToList();
        Assert.True(order.IndexOf(dear) > order.IndexOf(last), $"{order.IndexOf(dear)} {order.IndexOf(last)}");
    }

    [Fact]
    public void Those_who_come_first_do_not_starve_those_with_a_backlog()
    {
        var greedy = Flow();
        Add(greedy, 10_000);
        Batch(100);
        for (var i = 0; i < 6_000; i++)
        {
            Add(Flow(), 1);
        }

        Assert.InRange(Batch(4_096).Count(command => command.Flow == greedy), 200, 1_000);
    }

    [Fact]
    public void A_batch_ends_only_when_nothing_waits_or_the_share_of_those_with_a_backlog_is_used_up()
    {
        Add(Flow(), 1);
        Batch();
        Add(Flow(), 10_000);
        for (var i = 0; i < 6_000; i++)
        {
            Add(Flow(), 1);
        }

        Assert.Equal(6_000 + (int)((shares.First + shares.Backlog) / Cheap), Batch().Count);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_command_once_the_queues_have_grown()
    {
        var flows = Enumerable.Range(0, 8).Select(_ => Flow()).ToArray();
        var commands = flows
            .SelectMany(flow => Enumerable.Range(0, 20).Select(i => new QueuedCommand(flow, i)))
            .ToArray();
        Turn(commands);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turn(commands);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ProposalFlow Flow() => new(new ProposalParty());

    private static void AssertEqualCosts(
        IReadOnlyCollection<QueuedCommand> taken,
        Func<QueuedCommand, bool> one,
        Func<QueuedCommand, bool> other,
        long atMost
    )
    {
        var (left, right) = (taken.Where(one).Sum(of => of.Cost), taken.Where(other).Sum(of => of.Cost));
        Assert.True(left > 0 && right > 0 && Math.Abs(left - right) <= 2 * atMost, $"{left} {right}");
    }

    private void Turn(QueuedCommand[] commands)
    {
        foreach (var command in commands)
        {
            scheduler.Add(command.Flow!, command);
        }

        scheduler.BeginBatch();
        while (scheduler.TryTake(out _, out _)) { }
    }

    private void Add(ProposalFlow flow, int count, int cost = Cheap)
    {
        for (var i = 0; i < count; i++)
        {
            scheduler.Add(flow, new QueuedCommand(flow, i, cost));
        }
    }

    private List<QueuedCommand> Batch(int atMost = int.MaxValue)
    {
        var taken = new List<QueuedCommand>();
        scheduler.BeginBatch();
        while (taken.Count < atMost && scheduler.TryTake(out var command, out _))
        {
            taken.Add((QueuedCommand)command);
        }

        return taken;
    }
}
