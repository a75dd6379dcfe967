// The schedule follows from seed and options alone, and every kind has its turn.
using RaftLocks.Chaos.Faults;

namespace RaftLocks.Chaos.Tests;

public class ScheduleTests
{
    private const double RunMs = 15 * 60_000;

    [Fact]
    public void The_same_seed_plays_the_same_faults() => Assert.Equal(Text(42), Text(42));

    [Fact]
    public void Another_seed_plays_others() => Assert.NotEqual(Text(42), Text(43));

    [Fact]
    public void Every_kind_has_its_turn_and_none_is_over_after_the_end()
    {
        var rounds = Schedule.Make(7, nodes: 3, RunMs, FaultKinds.All);
        Assert.Equal(
            FaultKinds.All,
            rounds.SelectMany(round => round.Faults).Select(fault => fault.Kind).Distinct().Order()
        );
        Assert.All(rounds, round => Assert.True(round.AtMs + round.Faults.Max(fault => fault.OverAfterMs) < RunMs));
        Assert.Contains(rounds, round => round.Faults.Count > 1);
        Assert.All(
            rounds.Zip(rounds.Skip(1)),
            pair => Assert.True(pair.First.AtMs + pair.First.Faults.Max(fault => fault.OverAfterMs) < pair.Second.AtMs)
        );
    }

    [Fact]
    public void A_long_run_has_faults_of_a_minute_and_a_short_one_has_none()
    {
        Assert.Contains(
            Schedule.Make(7, nodes: 3, RunMs, FaultKinds.All).SelectMany(round => round.Faults),
            fault => fault.ForMs >= 60_000
        );
        Assert.DoesNotContain(
            Schedule.Make(7, nodes: 3, 120_000, FaultKinds.All).SelectMany(round => round.Faults),
            fault => fault.ForMs >= 60_000
        );
    }

    [Fact]
    public void Disks_hang_for_longer_than_a_node_puts_up_with() =>
        Assert.All(
            Schedule.Make(7, nodes: 3, RunMs, [FaultKind.DiskHang]).SelectMany(round => round.Faults),
            fault => Assert.True(fault.ForMs > 10_000)
        );

    [Fact]
    public void Members_that_are_removed_leave_a_majority() =>
        Assert.All(
            Enumerable
                .Range(0, 20)
                .SelectMany(seed => Schedule.Make(seed, nodes: 5, RunMs, FaultKinds.OfMembers))
                .SelectMany(round => round.Faults),
            fault => Assert.InRange(fault.Nodes.Distinct().Count(), 1, 2)
        );

    [Fact]
    public void Kinds_that_want_to_be_alone_are_alone() =>
        Assert.All(
            Enumerable
                .Range(0, 20)
                .SelectMany(seed => Schedule.Make(seed, nodes: 5, RunMs, FaultKinds.All))
                .Where(round => round.Faults.Count > 1),
            round => Assert.DoesNotContain(round.Faults, fault => fault.Kind.WantsToBeAlone())
        );

    [Fact]
    public void Only_what_was_asked_for_is_played()
    {
        var rounds = Schedule.Make(7, nodes: 3, RunMs, [FaultKind.Bridge, FaultKind.Kill]);
        Assert.All(
            rounds.SelectMany(round => round.Faults),
            fault => Assert.Contains(fault.Kind, new[] { FaultKind.Bridge, FaultKind.Kill })
        );
        Assert.All(
            rounds.SelectMany(round => round.Faults).Where(fault => fault.Kind == FaultKind.Bridge),
            fault => Assert.Equal(2, fault.Nodes.Distinct().Count())
        );
        Assert.Empty(Schedule.Make(7, nodes: 3, RunMs, []));
    }

    [Theory]
    [InlineData("kill,Bridge", true, 2)]
    [InlineData("none", true, 0)]
    [InlineData("kill,rain", false, 0)]
    public void Kinds_are_read_by_name(string text, bool isRight, int count)
    {
        Assert.Equal(isRight, FaultKinds.TryRead(text, out var kinds, out var mistake));
        Assert.Equal(count, kinds.Count);
        Assert.Equal(isRight, mistake.Length == 0);
    }

    private static string Text(int seed) =>
        string.Join(
            '\n',
            Schedule
                .Make(seed, nodes: 3, RunMs, FaultKinds.All)
                .Select(round => $"{round.AtMs}: {string.Join("; ", round.Faults)}")
        );
}
