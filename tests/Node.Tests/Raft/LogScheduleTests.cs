// The log against a list: random schedules of what leaders send, commits, snapshots and restarts, and after every step
// each entry is where it should be.
using FsCheck;
using FsCheck.Fluent;
using RaftLocks.Testing;

namespace RaftLocks.Node.Tests.Raft;

public class LogScheduleTests
{
    [SeededProperty("17,71", MaxTest = 100, Arbitrary = [typeof(Schedules)])]
    public async Task The_log_keeps_what_it_was_sent(LogStep[] schedule)
    {
        var run = new LogRun(snapshotEveryBytes: 64 << 20);
        await run.PlayAsync(schedule);
    }

    [SeededProperty("27,33", MaxTest = 100, Arbitrary = [typeof(Schedules)])]
    public async Task The_log_keeps_what_it_was_sent_while_it_is_compacted(LogStep[] schedule)
    {
        var run = new LogRun(snapshotEveryBytes: 4_000);
        await run.PlayAsync(schedule);
    }

    public static class Schedules
    {
        public static Arbitrary<LogStep[]> Steps() =>
            (
                from kind in Gen.Frequency(
                    (6, Gen.Constant(LogStepKind.Append)),
                    (2, Gen.Constant(LogStepKind.Lead)),
                    (3, Gen.Constant(LogStepKind.Overwrite)),
                    (2, Gen.Constant(LogStepKind.Duplicate)),
                    (3, Gen.Constant(LogStepKind.Commit)),
                    (1, Gen.Constant(LogStepKind.Install)),
                    (1, Gen.Constant(LogStepKind.Restart)),
                    (1, Gen.Constant(LogStepKind.CrashWhileReplacing)),
                    (1, Gen.Constant(LogStepKind.ForgetfulRestart))
                )
                from a in Gen.Choose(0, 1000)
                from b in Gen.Choose(0, 1000)
                select new LogStep(kind, a, b)
            )
                .ArrayOf(40)
                .ToArbitrary();
    }
}
