// The members' election timeouts: never shorter than the lease relies on, never two at the same time, and no second
// timeout in the middle of another's ballot.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

public class ElectionTests
{
    // From a pre-vote to votes on all disks, in a young process on a busy machine.
    private const int BallotMs = 200;

    private static readonly RaftNodeOptions Defaults = new()
    {
        Name = "n1",
        DataDirectory = "",
        Members = [],
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Members_draw_from_slices_with_wide_gaps_and_none_below_the_lease(int count)
    {
        var slices = SlicesOf(count);

        Assert.InRange(slices[0].LowMs, Defaults.LeaseMs, Defaults.ElectionTimeoutLowMs);
        Assert.All(slices, slice => Assert.InRange(slice.HighMs, slice.LowMs + 1, Defaults.ElectionTimeoutHighMs));
        for (var i = 1; i < slices.Length; i++)
        {
            Assert.True(slices[i].LowMs >= slices[i - 1].HighMs + 70, $"{slices[i - 1]} {slices[i]}");
        }
    }

    [Fact]
    public void The_second_timeout_of_the_first_of_three_comes_when_the_ballot_of_the_last_is_over()
    {
        var slices = SlicesOf(3);

        Assert.True(2 * slices[0].LowMs >= slices[2].HighMs + BallotMs, $"{slices[0]} {slices[2]}");
    }

    [Fact]
    public void Who_waits_to_be_added_has_a_slice_too() =>
        Assert.Equal((520, 559), RaftNode.ElectionTimeoutRangeOf("n4", [], 520, 910));

    [Fact]
    public async Task Members_that_start_for_the_first_time_have_slices_of_their_own_too()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        var members = LogFixture.Three(7001);
        var slices = new List<(int LowMs, int HighMs)>();
        foreach (var member in members)
        {
            await using var node = new RaftNode(
                Defaults with
                {
                    Name = member.Name,
                    DataDirectory = Path.Combine(folder.FullName, member.Name),
                    Members = members,
                },
                new InProcessCluster.NobodyListens(),
                NullLoggerFactory.Instance,
                TimeProvider.System
            );
            slices.Add(node.ElectionTimeoutRange);
        }

        folder.Delete(recursive: true);
        Assert.Equal(SlicesOf(3), slices);
    }

    private static (int LowMs, int HighMs)[] SlicesOf(int count)
    {
        string[] names = [.. Enumerable.Range(1, count).Select(i => $"n{i}").Reverse()];
        return
        [
            .. names
                .Select(name =>
                    RaftNode.ElectionTimeoutRangeOf(
                        name,
                        names,
                        Defaults.ElectionTimeoutLowMs,
                        Defaults.ElectionTimeoutHighMs
                    )
                )
                .Order(),
        ];
    }
}
