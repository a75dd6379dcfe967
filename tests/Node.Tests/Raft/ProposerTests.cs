// How commands gather in entries.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

public class ProposerTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Those_who_were_answered_together_and_come_again_one_after_the_other_share_an_entry()
    {
        var clock = new StandingClock();
        var raft = new SlowRaft(clock);
        var options = new RaftNodeOptions
        {
            Name = "n1",
            DataDirectory = "",
            Members = [],
            MaxLingerMicroseconds = int.MaxValue,
        };
        using var leadership = new Leadership(1, clock.GetTimestamp(), options, clock);
        Propose(leadership, 1);
        Propose(leadership, 2);
        var proposing = new Proposer(raft, leadership, options, clock, NullLogger.Instance).RunAsync();
        Assert.Equal(2, await raft.NextBatchAsync());

        Propose(leadership, 3);
        await Task.Delay(10);
        Propose(leadership, 4);
        Assert.Equal(2, await raft.NextBatchAsync());

        // That round took no time, so no time is waited: the fifth, with which nobody comes, goes alone.
        Propose(leadership, 5);
        Assert.Equal(1, await raft.NextBatchAsync());
        leadership.End();
        await proposing.WaitAsync(Bound);
    }

    private static void Propose(Leadership leadership, int session) =>
        Assert.True(leadership.TryPropose(new InProcessCluster.Proposal(session)));

    /// <summary>Takes its time for the first entry, and says how many commands each had.</summary>
    private sealed class SlowRaft(StandingClock clock) : IReplication
    {
        private readonly System.Threading.Channels.Channel<int> sizes =
            System.Threading.Channels.Channel.CreateUnbounded<int>();
        private TimeSpan round = TimeSpan.FromSeconds(1);

        public async Task<int> NextBatchAsync() => await sizes.Reader.ReadAsync().AsTask().WaitAsync(Bound);

        public async ValueTask ReplicateAsync(
            ReadOnlyMemory<byte> entry,
            long term,
            object context,
            CancellationToken token
        )
        {
            var batch = (ProposedBatch)context;
            clock.Advance(round);
            round = TimeSpan.Zero;
            batch.TryComplete();
            await sizes.Writer.WriteAsync(batch.Commands.Length, token);
        }

        public ValueTask ConfirmAsync(CancellationToken token) => ValueTask.CompletedTask;

        public ValueTask ResignAsync(CancellationToken token) => ValueTask.CompletedTask;
    }

    /// <summary>A clock that stands: however slow the machine is, the time to wait for others never runs
    /// out.</summary>
    private sealed class StandingClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

        public override long GetTimestamp() => Interlocked.Read(ref ticks);
    }
}
