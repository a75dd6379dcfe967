// Replicas are compared at equal index, whoever is ahead; one that differs is told once and stays told.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Journal;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Journal;

public sealed class ReplicaWatchTests : IAsyncDisposable
{
    private static readonly Member Other = new(
        "n2",
        "127.0.0.1",
        1,
        new Uri("http://127.0.0.1:1"),
        new Uri("http://127.0.0.1:1")
    );

    private readonly ReplicaWatch watch;
    private DigestPoint[] own = [];
    private readonly List<string> outvoted = [];
    private Func<IReadOnlyList<DigestPoint>> other = () => [];

    public ReplicaWatchTests() =>
        watch = new ReplicaWatch(
            () => [Other],
            () => own,
            (_, _) => Task.FromResult(other()),
            outvoted.Add,
            TimeProvider.System,
            NullLogger.Instance
        );

    [Fact]
    public async Task Equal_replicas_are_compared_whoever_is_ahead()
    {
        (own, other) = (Points(64, 128), () => Points(64));
        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 64, 0), watch.Views[0]);

        // The rings have moved on and share nothing at any one moment.
        (own, other) = (Points(128, 192), () => Points(256, 320));
        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 64, 0), watch.Views[0]);

        (own, other) = (Points(256, 320, 384), () => Points(384, 448));
        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 384, 0), watch.Views[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_replica_that_differs_is_told_and_stays_told(bool inDigest)
    {
        own = Points(64, 128, 192);
        other = () =>
        {
            var marks = Points(64, 128, 192);
            marks[1] = inDigest ? marks[1] with { Digest = 1 } : marks[1] with { Ledger = default };
            return marks;
        };

        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 192, 128), watch.Views[0]);

        (own, other) = (Points(256), () => Points(256));
        await watch.LookAsync();
        Assert.Equal(new ReplicaView("n2", 256, 128), watch.Views[0]);

        // Of two, nobody knows which is wrong.
        Assert.Empty(outvoted);
    }

    [Theory]
    [InlineData("equal different", false)]
    [InlineData("different different", true)]
    [InlineData("different other", false)]
    [InlineData("different down", false)]
    [InlineData("different different down down", false)]
    [InlineData("different different different down", true)]
    [InlineData("different different other other", false)]
    [InlineData("equal different different different", true)]
    public async Task Whose_state_a_majority_of_all_members_does_not_share_ends(string others, bool ends)
    {
        var members = others
            .Split(' ')
            .Select((kind, i) => (Kind: kind, Member: Other with { Name = $"n{i + 2}" }))
            .ToArray();
        await using var watching = new ReplicaWatch(
            () => members.Select(member => member.Member),
            () => Points(64, 65, 66),
            (asked, _) =>
                Task.FromResult<IReadOnlyList<DigestPoint>>(
                    members.First(member => member.Member == asked).Kind switch
                    {
                        "equal" => Points(64, 65, 66),
                        "different" => [.. Points(64, 65), new DigestPoint(66, 1, default)],
                        "other" => [.. Points(64, 65), new DigestPoint(66, 2, default)],
                        _ => throw new HttpRequestException("down"),
                    }
                ),
            outvoted.Add,
            TimeProvider.System,
            NullLogger.Instance
        );

        await watching.LookAsync();

        Assert.Equal(ends ? 1 : 0, outvoted.Count);
        Assert.All(
            outvoted,
            reason => Assert.Contains("at index 66 differs from that of n", reason, StringComparison.Ordinal)
        );
        Assert.Contains(watching.Views, view => view.DiffersAt == 66);
    }

    [Fact]
    public async Task One_that_does_not_answer_raises_no_alarm()
    {
        own = Points(64);
        other = () => throw new HttpRequestException("down");
        await watch.LookAsync();
        other = () => throw new InvalidDataException("something else answers");
        await watch.LookAsync();

        Assert.Equal(new ReplicaView("n2", 0, 0), watch.Views[0]);
    }

    public ValueTask DisposeAsync() => watch.DisposeAsync();

    private static DigestPoint[] Points(params long[] indexes) =>
        [.. indexes.Select(index => new DigestPoint(index, (UInt128)index * 7, new LedgerHash((UInt128)index, 5)))];
}
