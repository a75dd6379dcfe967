// A time without grants is a violation only while a majority is healthy and connected, and only if it is longer than
// the bound.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Faults;

namespace RaftLocks.Chaos.Tests;

public class AvailabilityCheckTests
{
    private const double EndMs = 100_000;
    private static readonly AvailabilityCheck Three = new(3, BoundMs: 5_000);

    // Four grants a second, but for a time without any.
    private static double[] GrantsBut(double fromMs, double toMs) =>
        [.. Enumerable.Range(0, (int)EndMs / 250).Select(i => i * 250.0).Where(at => at <= fromMs || at >= toMs)];

    [Fact]
    public void Grants_all_the_time_are_no_violation() => Assert.Empty(Check(GrantsBut(0, 0)));

    [Fact]
    public void A_healthy_cluster_that_grants_nothing_is_found()
    {
        var violation = Assert.Single(Check(GrantsBut(20_000, 26_000)));
        Assert.Contains("from 20.0 s to 26.0 s", violation.Evidence, StringComparison.Ordinal);
        Assert.Contains("faults: none", violation.Evidence, StringComparison.Ordinal);
        Assert.Empty(Check(GrantsBut(20_000, 24_500)));
    }

    [Fact]
    public void A_silence_that_lasts_until_the_end_is_found() => Assert.NotEmpty(Check(GrantsBut(90_000, EndMs)));

    [Fact]
    public void One_of_three_that_is_frozen_is_no_excuse()
    {
        var violation = Assert.Single(Check(GrantsBut(20_000, 31_000), Freeze(20_000, 31_000, 0)));
        Assert.Contains(
            "while n2, n3 were healthy and connected; faults: Freeze n1 from 20.0 s to 31.0 s",
            violation.Evidence,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Two_of_three_are() => Assert.Empty(Check(GrantsBut(20_000, 31_000), Freeze(20_000, 31_000, 0, 1)));

    [Fact]
    public void Two_of_five_are_no_excuse() =>
        Assert.NotEmpty(
            new AvailabilityCheck(5, 5_000).Check(
                GrantsBut(20_000, 31_000),
                [Freeze(20_000, 31_000, 0, 1)],
                [],
                0,
                EndMs
            )
        );

    [Fact]
    public void Every_change_of_the_faults_starts_the_time_anew() =>
        Assert.Empty(Check(GrantsBut(20_000, 29_000), Freeze(20_000, 24_500, 0), Freeze(24_500, 29_000, 1)));

    [Fact]
    public void A_majority_that_can_not_talk_is_none()
    {
        Assert.NotEmpty(
            Check(GrantsBut(20_000, 31_000), Impairment.Of(FaultKind.Partition, 20_000, [0], 3) with { ToMs = 31_000 })
        );
        Assert.Empty(
            Check(
                GrantsBut(20_000, 31_000),
                Impairment.Of(FaultKind.Partition, 20_000, [0, 1, 2], 3) with
                {
                    ToMs = 31_000,
                }
            )
        );
        Assert.Empty(
            Check(
                GrantsBut(20_000, 31_000),
                Impairment.Of(FaultKind.Partition, 20_000, [0], 3) with
                {
                    ToMs = 31_000,
                },
                Freeze(20_000, 31_000, 1)
            )
        );
        Assert.NotEmpty(
            Check(GrantsBut(20_000, 31_000), Impairment.Of(FaultKind.Bridge, 20_000, [0, 1], 3) with { ToMs = 31_000 })
        );
        Assert.NotEmpty(
            Check(GrantsBut(20_000, 31_000), Impairment.Of(FaultKind.Mute, 20_000, [2], 3) with { ToMs = 31_000 })
        );
    }

    [Fact]
    public void What_takes_nothing_away_is_no_excuse()
    {
        Assert.NotEmpty(
            Check(
                GrantsBut(20_000, 31_000),
                Impairment.Of(FaultKind.Clock, 20_000, [0, 1, 2], 3) with
                {
                    ToMs = 31_000,
                }
            )
        );
        Assert.NotEmpty(
            Check(
                GrantsBut(20_000, 31_000),
                Impairment.Of(FaultKind.Delay, 20_000, [0, 1, 2], 3) with
                {
                    ToMs = 31_000,
                }
            )
        );
    }

    [Fact]
    public void A_machine_that_stood_still_is() =>
        Assert.Empty(Three.Check(GrantsBut(20_000, 26_000), [], [new Stall(20_500, 25_000)], 0, EndMs));

    private static IEnumerable<Violation> Check(double[] grants, params Impairment[] faults) =>
        Three.Check(grants, faults, [], 0, EndMs);

    private static Impairment Freeze(double fromMs, double toMs, params int[] nodes) =>
        Impairment.Of(FaultKind.Freeze, fromMs, nodes, 3) with
        {
            ToMs = toMs,
        };
}
