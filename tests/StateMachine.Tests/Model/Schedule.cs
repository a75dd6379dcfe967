// Random schedules: batches of steps. A step names its session or its victim by a number that is resolved when it is
// its turn, so that most releases and abandons hit something live, and shrinking leaves a schedule that still makes
// sense.
using FsCheck;
using FsCheck.Fluent;

namespace RaftLocks.StateMachine.Tests.Model;

public enum StepKind
{
    Lock,
    TryLock,

    /// <summary>A session that is drawn by lot releases, whether or not it has anything.</summary>
    BlindRelease,

    /// <summary>Some holder releases.</summary>
    Release,

    /// <summary>Some waiter gives up.</summary>
    Cancel,

    /// <summary>Some live request is abandoned.</summary>
    Abandon,

    /// <summary>Some number is abandoned, live or long gone or never given.</summary>
    BlindAbandon,

    /// <summary>Some live request is said to have waited too long, whether it may, waits, or not.</summary>
    Timeout,

    /// <summary>Some live request is revoked.</summary>
    Revoke,

    /// <summary>Some holder's writes become reads, if it has any.</summary>
    Downgrade,

    /// <summary>Some number is timed out, revoked or downgraded, live or long gone or never given.</summary>
    BlindLevelTwo,

    /// <summary>The feature level is raised to two.</summary>
    Raise,
}

public sealed record ScheduleStep(StepKind Kind, string Namespace, int Pick, ModelResource[] Resources)
{
    public override string ToString() => $"{Kind}({Namespace}, {Pick}{string.Concat(Resources.Select(r => ", " + r))})";
}

public sealed record Schedule(ScheduleStep[][] Batches)
{
    public override string ToString() => string.Join('\n', Batches.Select(b => string.Join("; ", b.AsEnumerable())));
}

public static class Schedules
{
    public const int Sessions = 9;

    private static readonly string[] Names = ["a", "b", "ab", "", "segment", "Ω"];

    public static Arbitrary<Schedule> Arbitrary() => Arb.From(All(), Shrink);

    private static Gen<ModelResource> Resources() =>
        from depth in Gen.Frequency(
            (1, Gen.Constant(0)),
            (6, Gen.Choose(1, 2)),
            (5, Gen.Choose(3, 4)),
            (1, Gen.Choose(5, 9))
        )
        from breadth in Gen.Choose(1, Names.Length)
        from path in Gen.Elements(Names[..breadth]).ArrayOf(depth)
        from write in Gen.Elements(true, false)
        select new ModelResource(write, path);

    /// <summary>Up to four resources; now and then one twice, or one that another shadows.</summary>
    private static Gen<ModelResource[]> Sets() =>
        from count in Gen.Frequency((6, Gen.Constant(1)), (4, Gen.Choose(2, 4)))
        from resources in Resources().ArrayOf(count)
        from echo in Gen.Choose(0, 9)
        select echo switch
        {
            0 => [.. resources, resources[0]],
            1 => [.. resources, new ModelResource(!resources[0].IsWrite, resources[0].Path)],
            2 => [.. resources, new ModelResource(resources[0].IsWrite, [.. resources[0].Path, "a"])],
            _ => resources,
        };

    private static Gen<ScheduleStep> Steps() =>
        from kind in Gen.Frequency(
            (12, Gen.Constant(StepKind.Lock)),
            (1, Gen.Constant(StepKind.TryLock)),
            (1, Gen.Constant(StepKind.BlindRelease)),
            (4, Gen.Constant(StepKind.Release)),
            (2, Gen.Constant(StepKind.Cancel)),
            (2, Gen.Constant(StepKind.Abandon)),
            (1, Gen.Constant(StepKind.BlindAbandon)),
            (1, Gen.Constant(StepKind.Timeout)),
            (1, Gen.Constant(StepKind.Revoke)),
            (4, Gen.Constant(StepKind.Downgrade)),
            (1, Gen.Constant(StepKind.BlindLevelTwo))
        )
        from space in Gen.Frequency((7, Gen.Constant("n")), (2, Gen.Constant("m")), (1, Gen.Constant("")))
        from pick in Gen.Choose(0, 999)
        from resources in Sets()
        select new ScheduleStep(kind, space, pick, kind <= StepKind.TryLock ? resources : []);

    private static Gen<Schedule> All() =>
        from length in Gen.Choose(1, 60)
        from steps in Steps().ArrayOf(length)
        from size in Gen.Frequency((3, Gen.Constant(1)), (1, Gen.Choose(2, 12)))
        from raiseAt in Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Choose(1, 60)))
        select new Schedule(WithRaise(steps, raiseAt).Chunk(size).ToArray());

    /// <summary>Mostly the feature level is two from the beginning; now and then it is raised later or never.</summary>
    private static ScheduleStep[] WithRaise(ScheduleStep[] steps, int at) =>
        at > steps.Length ? steps : [.. steps[..at], new ScheduleStep(StepKind.Raise, "", 0, []), .. steps[at..]];

    private static IEnumerable<Schedule> Shrink(Schedule schedule)
    {
        var batches = schedule.Batches;
        for (var size = batches.Length / 2; size > 0; size /= 2)
        {
            for (var start = 0; start + size <= batches.Length; start += size)
            {
                yield return new Schedule([.. batches[..start], .. batches[(start + size)..]]);
            }
        }
    }
}
