// Tests must be able to fail: the property that the sound build passes has to refuse each broken one.
using RaftLocks.StateMachine.Tests.Mutants;

namespace RaftLocks.StateMachine.Tests;

[Trait("Category", "Slow")]
public class MutantTests(MutantBuild build) : IClassFixture<MutantBuild>
{
    public const int SchedulesPerMutant = 500;

    public static TheoryData<string> Names => new(Mutant.All.Select(m => m.Name));

    [Fact]
    public void The_sound_build_passes() => Assert.Null(build.FindFailure(mutant: null, SchedulesPerMutant));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_queue_is_noticed(string name)
    {
        var failure = build.FindFailure(Array.Find(Mutant.All, m => m.Name == name), SchedulesPerMutant);
        Assert.NotNull(failure);
        Assert.Contains("Falsifiable", failure, StringComparison.Ordinal);
    }
}
