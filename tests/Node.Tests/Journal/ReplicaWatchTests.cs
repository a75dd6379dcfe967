// Replicas are compared at equal index, whoever is ahead; one that differs is told once and stays told.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Tests.Journal;

public sealed class ReplicaWatchTests : IAsyncDisposable
{
    private static readonly Member Other = new("n2", "127.0.0.1", 1, new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:1"));

    private readonly ReplicaWatch watch;
    private DigestMark[] own = [];
    private Func<IReadOnlyList<DigestMark>> other = () => [];

    public ReplicaWatchTests() => watch = new ReplicaWatch(
        () => [Other], () => own, (_, _) => Task.FromResult(other()), TimeProvider.System, NullLogger.Instance);

    [Fact]
    public async Task Equal_replicas_are_compared_whoever_is_ahead()
    {
        (own, other) = (Marks(64, 128), () => Marks(64));
        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 64, 0), watch.Views[0]);

        // The rings have moved on and share nothing at any one moment.
        (own, other) = (Marks(128, 192), () => Marks(256, 320));
        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 64, 0), watch.Views[0]);

        (own, other) = (Marks(256, 320, 384), () => Marks(384, 448));
        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 384, 0), watch.Views[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_replica_that_differs_is_told_and_stays_told(bool inDigest)
    {
        own = Marks(64, 128, 192);
        other = () =>
        {
            var marks = Marks(64, 128, 192);
            marks[1] = inDigest ? marks[1] with { Digest = 1 } : marks[1] with { Ledger = default };
            return marks;
        };

        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 192, 128), watch.Views[0]);

        (own, other) = (Marks(256), () => Marks(256));
        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 256, 128), watch.Views[0]);
    }

    [Fact]
    public async Task One_that_does_not_answer_raises_no_alarm()
    {
        own = Marks(64);
        other = () => throw new HttpRequestException("down");
        await watch.LookAsync();
        other = () => throw new InvalidDataException("something else answers");
        await watch.LookAsync();

        Assert.Equal(new ReplicaView("n2", 0, 0), watch.Views[0]);
    }

    public ValueTask DisposeAsync() => watch.DisposeAsync();

    private static DigestMark[] Marks(params long[] indexes) =>
        [.. indexes.Select(index => new DigestMark(index, (UInt128)index * 7, new LedgerHash((UInt128)index, 5)))];
}
