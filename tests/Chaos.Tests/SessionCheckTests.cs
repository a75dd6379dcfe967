// A session that came back in time and found nothing is a violation; one that came too late is not.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.History;
using static RaftLocks.Chaos.Tests.Histories;

namespace RaftLocks.Chaos.Tests;

public class SessionCheckTests
{
    [Fact]
    public void A_lock_lost_within_its_abandon_timeout_is_found() =>
        Assert.Equal(
            "a session keeps what it has",
            Assert.Single(SessionCheck.Check([Gone(lastHeard: 1_000, gone: 5_900)])).Promise
        );

    [Fact]
    public void A_lock_lost_after_its_abandon_timeout_is_no_violation() =>
        Assert.Empty(SessionCheck.Check([Gone(lastHeard: 1_000, gone: 6_000)]));

    [Fact]
    public void A_lock_that_was_let_go_is_no_violation() =>
        Assert.Empty(
            SessionCheck.Check([Held(1, WriteA, sent: 0, acquired: 1, ended: 2, released: 3, timeout: 5_000)])
        );

    private static Request Gone(double lastHeard, double gone)
    {
        var request = Lost(1, WriteA, sent: 0, acquired: 1, ended: gone, timeout: 5_000);
        (request.LastHeardAt, request.GoneAt) = (lastHeard, gone);
        return request;
    }
}
