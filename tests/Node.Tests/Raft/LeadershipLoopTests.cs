// A machine that stands still for seconds: a leader among others must think that it was replaced meanwhile; one that is
// alone can't have been.
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Raft;

public class LeadershipLoopTests
{
    private static readonly RaftNodeOptions Options = new()
    {
        Name = "n1",
        DataDirectory = "",
        Members = [],
    };
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(Options.LeaseMs / 4.0);

    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task A_leader_among_others_gives_up_after_a_long_stall()
    {
        var (loop, _) = Lead(isAlone: false);

        time.Advance(TimeSpan.FromMilliseconds(Options.LeaderSilenceMs * 2));
        await UntilAsync(() => loop.IsCompleted);
    }

    [Fact]
    public async Task A_leader_that_is_alone_leads_on_after_a_long_stall()
    {
        using var stopping = new CancellationTokenSource();
        var (loop, leadership) = Lead(isAlone: true, stopping.Token);

        time.Advance(TimeSpan.FromMilliseconds(Options.LeaderSilenceMs * 2));
        await UntilAsync(() => leadership.HasLease);
        Assert.False(loop.IsCompleted);
        await stopping.CancelAsync();
        await UntilAsync(() => loop.IsCompleted);
    }

    private (Task LeadershipLoop, Leadership Leadership) Lead(bool isAlone, CancellationToken stopping = default)
    {
        var leadership = new Leadership(1, time.GetTimestamp(), Options, time);
        var locks = new StateMachineHost(new LockStateMachine());
        var loop = new LeadershipLoop(
            leadership,
            new Standing(isAlone),
            locks,
            new InProcessCluster.NobodyListens(),
            Options,
            time,
            NullLogger.Instance
        );
        return (loop.RunAsync(CancellationToken.None, stopping), leadership);
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        await InProcessCluster.UntilAsync(
            () =>
            {
                time.Advance(Tick);
                return condition();
            },
            "it did not happen"
        );
    }

    /// <summary>Whoever is alone is confirmed at once; the others never answer.</summary>
    private sealed class Standing(bool isAlone) : IReplication
    {
        public bool IsAlone => isAlone;

        public ValueTask ReplicateAsync(
            ReadOnlyMemory<byte> entry,
            long term,
            object context,
            CancellationToken token
        ) => new(Task.Delay(Timeout.Infinite, token));

        public ValueTask ConfirmAsync(CancellationToken token) =>
            isAlone ? ValueTask.CompletedTask : new ValueTask(Task.Delay(Timeout.Infinite, token));

        public ValueTask ResignAsync(CancellationToken token) => ValueTask.CompletedTask;
    }
}
