// A lease is a comparison of clock readings.
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

public class LeadershipTests
{
    private static readonly RaftNodeOptions Options = new()
    {
        Name = "n1",
        DataDirectory = "unused",
        Members = LogFixture.Three(7001),
    };

    [Fact]
    public void A_process_that_wakes_up_late_sees_at_its_first_look_that_the_lease_is_over()
    {
        var clock = new FakeTimeProvider();
        using var leadership = new Leadership(1, clock.GetTimestamp(), Options, clock);
        Assert.True(leadership.HasLease);
        clock.Advance(TimeSpan.FromMilliseconds(Options.LeaseMs));
        Assert.False(leadership.HasLease);
    }

    [Fact]
    public void The_lease_counts_from_when_the_majority_was_asked()
    {
        var clock = new FakeTimeProvider();
        using var leadership = new Leadership(1, clock.GetTimestamp(), Options, clock);
        var askedAt = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromMilliseconds(Options.LeaseMs));
        leadership.Confirm(askedAt);
        Assert.False(leadership.HasLease);
        leadership.Confirm(clock.GetTimestamp());
        leadership.Confirm(askedAt);
        Assert.True(leadership.HasLease);
    }

    [Fact]
    public async Task Who_waits_for_the_lease_goes_on_when_it_is_renewed()
    {
        var clock = new FakeTimeProvider();
        using var leadership = new Leadership(1, clock.GetTimestamp(), Options, clock);
        clock.Advance(TimeSpan.FromSeconds(1));
        var waiting = leadership.WaitForLeaseAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        leadership.Confirm(clock.GetTimestamp());
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Who_waits_for_the_lease_of_a_lost_leadership_is_told()
    {
        var clock = new FakeTimeProvider();
        using var leadership = new Leadership(1, clock.GetTimestamp(), Options, clock);
        clock.Advance(TimeSpan.FromSeconds(1));
        var waiting = leadership.WaitForLeaseAsync().AsTask();
        leadership.End();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.False(leadership.HasLease);
    }
}
