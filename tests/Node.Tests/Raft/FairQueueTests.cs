// The bounds of the queue before the proposer: who waits for room, and who never does.
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

public class FairQueueTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly FairShares shares = new() { FlowLength = 8 };

    [Fact]
    public async Task Who_has_as_many_as_a_connection_may_have_goes_on_when_half_of_them_are_gone()
    {
        var queue = new FairQueue(1_000, shares);
        var flow = Flow();
        Fill(queue, flow, 8);
        Assert.False(queue.TryAdd(new QueuedCommand(flow)));
        var waiting = queue.AddAsync(new QueuedCommand(flow)).AsTask();

        Take(queue, 3);
        Assert.False(waiting.IsCompleted);
        Take(queue, 1);
        Assert.True(await waiting.WaitAsync(Bound));
        Assert.Equal(5, queue.Count);
    }

    [Fact]
    public async Task A_full_queue_still_takes_one_of_each_who_has_none()
    {
        var queue = new FairQueue(10, shares);
        var (greedy, other) = (Flow(), Flow());
        Fill(queue, greedy, 8);
        Fill(queue, Flow(), 2);
        Assert.False(queue.TryAdd(new QueuedCommand(greedy)));
        Assert.True(queue.TryAdd(new QueuedCommand(other)));
        Assert.True(queue.TryAdd(new QueuedCommand(null)));
        var waiting = queue.AddAsync(new QueuedCommand(other)).AsTask();

        while (!waiting.IsCompleted && queue.Count > 0)
        {
            Take(queue, 1);
        }

        Assert.True(await waiting.WaitAsync(Bound));
    }

    [Fact]
    public async Task After_the_end_nothing_is_added_those_who_wait_are_told_and_the_rest_can_be_taken()
    {
        var queue = new FairQueue(1_000, shares);
        var flow = Flow();
        Fill(queue, flow, 8);
        var waiting = queue.AddAsync(new QueuedCommand(flow)).AsTask();
        queue.Complete();

        Assert.False(await waiting.WaitAsync(Bound));
        Assert.False(queue.TryAdd(new QueuedCommand(Flow())));
        Assert.False(await queue.AddAsync(new QueuedCommand(null)));
        Assert.False(await queue.WaitToTakeAsync());
        Take(queue, 8);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task The_proposer_that_waits_is_woken_by_a_command_and_by_the_end()
    {
        var queue = new FairQueue(1_000, shares);
        var waiting = queue.WaitToTakeAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        Fill(queue, Flow(), 1);
        Assert.True(await waiting.WaitAsync(Bound));
        Assert.True(await queue.WaitToTakeAsync());
        Take(queue, 1);

        waiting = queue.WaitToTakeAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        queue.Complete();
        Assert.False(await waiting.WaitAsync(Bound));
    }

    [Fact]
    public void The_commands_of_the_leader_itself_do_not_wait_behind_those_of_clients()
    {
        var queue = new FairQueue(100_000, new FairShares());
        for (var i = 0; i < 20; i++)
        {
            Fill(queue, Flow(), 1_000);
        }

        for (var i = 0; i < 1_000; i++)
        {
            Assert.True(queue.TryAdd(new QueuedCommand(null, i)));
        }

        // Twenty others have a share each, and it has as many as four of them.
        var own = Take(queue, 4_096).Where(command => command.Flow is null).Select(command => command.Number).ToList();
        Assert.True(own.Count > 4_096 / 24, $"{own.Count}");
        Assert.Equal(Enumerable.Range(0, own.Count), own);
    }

    private static ProposalFlow Flow() => new(new ProposalParty());

    private static void Fill(FairQueue queue, ProposalFlow flow, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(queue.TryAdd(new QueuedCommand(flow, i)));
        }
    }

    private static List<QueuedCommand> Take(FairQueue queue, int count)
    {
        var taken = new List<QueuedCommand>();
        queue.BeginBatch();
        while (taken.Count < count && queue.TryTake(out var command))
        {
            taken.Add((QueuedCommand)command);
        }

        return taken;
    }
}
