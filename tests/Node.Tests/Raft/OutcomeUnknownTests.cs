// A command whose leader was lost may be committed or not, and nobody here knows. It is never proposed again, and
// nobody is told a lie about it. What makes the next leader's word final has four conditions (docs/architecture.md,
// "What a leader must be sure of"). The third, about sessions that resume on the same leader, is tested in ResumeTests.
using DotNext.Net.Cluster;
using DotNext.Threading;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Raft;

[Collection("in-process clusters")]
public class OutcomeUnknownTests
{
    private static readonly RaftNodeOptions Options = new()
    {
        Name = "n1",
        DataDirectory = "",
        Members = [],
    };
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider time = new();

    public static TheoryData<string> WaysToLoseAPeer => ["unavailable", "interrupted", "not the leader", "cancelled"];

    [Fact]
    public async Task Condition_1_a_new_leader_answers_only_after_the_first_entry_of_its_term()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var first = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(first, 1, 50);
        var before = first.Status.LastIndex;
        var (term, live, status) = (0L, 0, first.Status);
        cluster.Gained = (node, leadership) =>
            (term, live, status) = (leadership.Term, node.Read(machine => machine.LiveCount), node.Status);

        await cluster.StopAsync(first);
        await cluster.LeaderAsync();

        // Nothing was proposed since: what is behind the log of the first leader are first entries.
        Assert.Equal((50, status.Term), (live, term));
        Assert.True(status.AppliedIndex == status.LastIndex && status.AppliedIndex > before, $"{before} {status}");
    }

    [Fact]
    public async Task Condition_2_what_was_queued_in_one_leadership_is_dropped_with_it()
    {
        var raft = new FakeRaft();
        using var leadership = new Leadership(1, time.GetTimestamp(), Options, time);
        var (sent, queued) = (new InProcessCluster.Proposal(1), new InProcessCluster.Proposal(2));
        Assert.True(leadership.TryPropose(sent));
        var proposing = new Proposer(raft, leadership, Options, time, NullLogger.Instance).RunAsync();
        await raft.Asked.Task.WaitAsync(WaitBound);
        Assert.True(leadership.TryPropose(queued));

        leadership.End();
        await proposing.WaitAsync(WaitBound);

        Assert.Equal(("in doubt", "dropped"), (await sent.Outcome, await queued.Outcome));
        Assert.Equal((1, 1, 1), (raft.Proposed, sent.TimesTold, queued.TimesTold));
        Assert.False(leadership.TryPropose(new InProcessCluster.Proposal(3)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Condition_4_that_the_call_returns_or_fails_proves_nothing_and_nothing_is_proposed_twice(
        bool returns
    )
    {
        var raft = new FakeRaft
        {
            Answer = _ =>
                returns ? Task.CompletedTask : Task.FromException(new InvalidOperationException("leadership is lost")),
        };
        using var leadership = new Leadership(1, time.GetTimestamp(), Options, time);
        var command = new InProcessCluster.Proposal(1);
        Assert.True(leadership.TryPropose(command));
        var proposing = new Proposer(raft, leadership, Options, time, NullLogger.Instance).RunAsync();

        Assert.Equal("in doubt", await command.Outcome.WaitAsync(WaitBound));
        Assert.True(leadership.IsOutcomeUnknown);
        leadership.End();
        await proposing.WaitAsync(WaitBound);
        Assert.Equal((1, 1), (raft.Proposed, command.TimesTold));
    }

    [Fact]
    public async Task Condition_4_waiters_are_found_by_the_batch_id_inside_the_entry_and_by_nothing_else()
    {
        var locks = new StateMachineHost(new LockStateMachine());
        var (mine, other) = (new InProcessCluster.Proposal(1), new InProcessCluster.Proposal(2));
        var batch = new ProposedBatch(7, [mine]);

        // Another entry has taken the place of the batch, and comes with its context.
        Assert.Equal(ApplyOutcome.Applied, locks.Apply(Entry(8, other), index: 1, term: 2, batch));
        Assert.Equal(0, mine.TimesTold);
        Assert.Equal(ApplyOutcome.Applied, locks.Apply(Entry(7, mine), index: 2, term: 2, batch));
        Assert.Equal("Acquired", await mine.Outcome);
    }

    [Theory]
    [MemberData(nameof(WaysToLoseAPeer))]
    public async Task A_leader_that_resigns_while_the_peer_that_it_asks_dies_ends_well_and_tells_no_lie(string how)
    {
        var raft = new FakeRaft
        {
            Resigning = how switch
            {
                "unavailable" => new MemberUnavailableException(null!, "it died", new IOException()),
                "interrupted" => new PendingTaskInterruptedException(),
                "not the leader" => new InvalidOperationException(),
                _ => new OperationCanceledException(),
            },
        };
        using var leadership = new Leadership(1, time.GetTimestamp(), Options, time);
        var command = new InProcessCluster.Proposal(1);
        Assert.True(leadership.TryPropose(command));
        var locks = new StateMachineHost(new LockStateMachine());
        var loop = new LeadershipLoop(
            leadership,
            raft,
            locks,
            new InProcessCluster.NobodyListens(),
            Options,
            time,
            NullLogger.Instance
        ).RunAsync(CancellationToken.None, CancellationToken.None);
        await raft.Asked.Task.WaitAsync(WaitBound);

        // Nobody answers any more: the leader gives up, and asks for its successor.
        await InProcessCluster.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(Options.LeaseMs / 4.0));
                return loop.IsCompleted;
            },
            "it does not give up"
        );

        await loop;
        Assert.Equal(1, raft.Resignations);
        Assert.Equal(("in doubt", 1), (await command.Outcome, command.TimesTold));
        Assert.False(leadership.HasLease);
    }

    private static byte[] Entry(UInt128 batchId, InProcessCluster.Proposal command)
    {
        var writer = new EntryWriter();
        writer.Begin(batchId, 0);
        command.WriteTo(writer);
        return writer.Complete().ToArray();
    }

    /// <summary>Takes entries, and says of them what the test wants; unless told otherwise, nothing at all.</summary>
    private sealed class FakeRaft : IReplication
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<CancellationToken, Task> Answer { get; init; } = token => Task.Delay(-1, token);

        public Exception? Resigning { get; init; }

        public int Proposed { get; private set; }

        public int Resignations { get; private set; }

        public ValueTask ReplicateAsync(ReadOnlyMemory<byte> entry, long term, object context, CancellationToken token)
        {
            Proposed++;
            Asked.TrySetResult();
            return new ValueTask(Answer(token));
        }

        public ValueTask ConfirmAsync(CancellationToken token) => new(Task.Delay(-1, token));

        public ValueTask ResignAsync(CancellationToken token)
        {
            Resignations++;
            return Resigning is null ? ValueTask.CompletedTask : ValueTask.FromException(Resigning);
        }
    }
}
