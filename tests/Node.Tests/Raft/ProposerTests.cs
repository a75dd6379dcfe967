// How commands gather in entries.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

public class ProposerTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    // An eighth of it is waited for the second: much longer than it takes to come.
    private static readonly TimeSpan LongRound = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Those_who_were_answered_together_and_come_again_one_after_the_other_share_an_entry()
    {
        var raft = new SlowRaft();
        var options = new RaftNodeOptions
        {
            Name = "n1",
            DataDirectory = "",
            Members = [],
            MaxLingerMicroseconds = int.MaxValue,
        };
        using var leadership = new Leadership(1, TimeProvider.System.GetTimestamp(), options, TimeProvider.System);
        Propose(leadership, 1);
        Propose(leadership, 2);
        var proposing = new Proposer(raft, leadership, options, TimeProvider.System, NullLogger.Instance).RunAsync();
        Assert.Equal(2, await raft.NextBatchAsync());

        Propose(leadership, 3);
        await Task.Delay(10);
        Propose(leadership, 4);
        Assert.Equal(2, await raft.NextBatchAsync());

        // That round was short, and so is the patience: the fifth, with which nobody comes, goes alone.
        Propose(leadership, 5);
        Assert.Equal(1, await raft.NextBatchAsync());
        leadership.End();
        await proposing.WaitAsync(Bound);
    }

    private static void Propose(Leadership leadership, int session) =>
        Assert.True(leadership.TryPropose(new InProcessCluster.Proposal(session)));

    /// <summary>Takes its time for the first entry, and says how many commands each had.</summary>
    private sealed class SlowRaft : IReplication
    {
        private readonly System.Threading.Channels.Channel<int> sizes =
            System.Threading.Channels.Channel.CreateUnbounded<int>();
        private TimeSpan round = LongRound;

        public async Task<int> NextBatchAsync() => await sizes.Reader.ReadAsync().AsTask().WaitAsync(Bound);

        public async ValueTask ReplicateAsync(
            ReadOnlyMemory<byte> entry,
            long term,
            object context,
            CancellationToken token
        )
        {
            var batch = (ProposedBatch)context;
            await Task.Delay(round, token);
            round = TimeSpan.Zero;
            batch.TryComplete();
            await sizes.Writer.WriteAsync(batch.Commands.Length, token);
        }

        public ValueTask ConfirmAsync(CancellationToken token) => ValueTask.CompletedTask;

        public ValueTask ResignAsync(CancellationToken token) => ValueTask.CompletedTask;
    }
}
