// Random schedules against the model, the same at each run unless others are asked for (a failure prints how to replay
// it).
using FsCheck.Xunit;
using RaftLocks.StateMachine.Tests.Model;

namespace RaftLocks.StateMachine.Tests;

public class OneRuleTests
{
    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 2_000)]
    public void After_every_entry_the_state_is_what_the_one_rule_says(Schedule schedule) =>
        OneRuleCheck.Check1(schedule);

    [Fact]
    public void The_schedules_that_the_mutants_meet_pass_here() =>
        OneRuleCheck.CheckSchedules(MutantTests.SchedulesPerMutant);
}
