// The members' election timeouts: never shorter than the lease relies on, never two at the same time.
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

public class ElectionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Members_draw_from_slices_that_do_not_touch(int count)
    {
        string[] names = [.. Enumerable.Range(1, count).Select(i => $"n{i}").Reverse()];

        var slices = names.Select(name => RaftNode.ElectionSliceOf(name, names, 500, 1000)).Order().ToArray();

        Assert.Equal(500, slices[0].LowMs);
        Assert.All(slices, slice => Assert.InRange(slice.HighMs, slice.LowMs + 80, 1000));
        for (var i = 1; i < slices.Length; i++)
        {
            Assert.True(slices[i].LowMs >= slices[i - 1].HighMs + 80, $"{slices[i - 1]} {slices[i]}");
        }
    }

    [Fact]
    public void Who_waits_to_be_added_has_a_slice_too() => Assert.Equal((500, 750), RaftNode.ElectionSliceOf("n4", [], 500, 1000));
}
