// What clients were told is compared with what the cluster tells.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.History;
using static RaftLocks.Chaos.Tests.Histories;

namespace RaftLocks.Chaos.Tests;

public class AcknowledgedCheckTests
{
    private static readonly Request[] Lived =
    [
        Held(1, WriteA, sent: 0, acquired: 1, ended: 2, released: 3),
        Held(2, WriteA, sent: 0, acquired: 4, ended: 5, released: null),
        Waiting(3, WriteA, sent: 0, ended: 5),
        Unanswered(WriteB, sent: 0, ended: 1, timeout: 0),
    ];

    private static readonly ReportedEvent[] All =
    [
        new("ns", 1, "acquired"),
        new("ns", 1, "released"),
        new("ns", 2, "enqueued"),
        new("ns", 2, "acquired"),
        new("ns", 3, "enqueued"),
        new("ns", 3, "acquired"),
    ];

    [Fact]
    public void A_whole_history_has_no_violation() => Assert.Empty(Check(All));

    [Fact]
    public void A_lost_grant_is_found() =>
        Assert.Equal(
            "no grant is lost",
            Assert.Single(Check(All.Where(e => e is not { Id: 2, Name: "acquired" }))).Promise
        );

    [Fact]
    public void A_lost_release_is_found() =>
        Assert.Equal("no release is lost", Assert.Single(Check(All.Where(e => e.Name != "released"))).Promise);

    [Fact]
    public void A_lost_place_is_found() =>
        Assert.Equal("no place is lost", Assert.Single(Check(All.Where(e => e.Id != 3))).Promise);

    [Fact]
    public void The_same_in_another_namespace_is_something_else() =>
        Assert.NotEmpty(Check(All.Select(e => e with { Namespace = "other" })));

    private static IEnumerable<Violation> Check(IEnumerable<ReportedEvent> told) =>
        AcknowledgedCheck.Check(Lived, told.ToHashSet());
}
