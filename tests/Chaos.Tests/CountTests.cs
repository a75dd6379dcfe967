// The checker of the counting clients: it finds a lost addition, an exception and a wait beyond the faults, and nothing
// else.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Tests;

public class CountTests
{
    private static readonly Impairment[] Faults =
    [
        new(FaultKind.Kill, 1_000, [0], []) { ToMs = 4_000 },
        new(FaultKind.Freeze, 3_000, [1], []) { ToMs = 9_000 },
    ];

    [Fact]
    public void Additions_that_are_all_there_and_waits_within_the_bound_are_no_violation() =>
        Assert.Empty(CountCheck.Check([Counted(30, new LongWait(500, 13_000)), Counted(12)], 42, Faults));

    [Fact]
    public void A_lost_addition_is_found() =>
        Assert.Contains(
            "42",
            Assert.Single(CountCheck.Check([Counted(30), Counted(12)], 41, Faults)).Evidence,
            StringComparison.Ordinal
        );

    [Fact]
    public void An_addition_too_many_is_found() =>
        Assert.Single(CountCheck.Check([Counted(30), Counted(12)], 43, Faults));

    [Fact]
    public void Clients_that_never_got_a_lock_are_found() => Assert.Single(CountCheck.Check([Counted(0)], 0, Faults));

    [Fact]
    public void An_exception_is_found()
    {
        var report = Counted(1);
        report.Exceptions.Add("7 ms: LockLostException");

        Assert.Single(CountCheck.Check([report], 1, Faults));
    }

    [Theory]
    [InlineData(500, 13_400, false)]
    [InlineData(500, 14_100, true)]
    [InlineData(9_000, 14_100, true)]
    [InlineData(2_000, 8_000, false)]
    public void A_wait_counts_where_no_fault_is(double fromMs, double toMs, bool isViolation) =>
        Assert.Equal(
            isViolation ? 1 : 0,
            CountCheck.Check([Counted(1, new LongWait(fromMs, toMs))], 1, Faults).Count()
        );

    [Fact]
    public void A_fault_without_an_end_covers_all_that_follows() =>
        Assert.Empty(
            CountCheck.Check(
                [Counted(1, new LongWait(500, 90_000))],
                1,
                [new Impairment(FaultKind.Kill, 1_000, [0], [])]
            )
        );

    private static CountReport Counted(long increments, params LongWait[] waits) =>
        new() { Increments = increments, LongWaits = [.. waits] };
}
