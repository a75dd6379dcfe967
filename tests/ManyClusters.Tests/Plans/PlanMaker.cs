// Makes plans from seeds: the same seed makes the same plan for ever, as long as nothing here is changed; so a plan
// that found something is kept as its text, not as its seed.
namespace RaftLocks.ManyClusters.Plans;

/// <summary>Draws plans.</summary>
internal static class PlanMaker
{
    private const int FirstStepMs = 300;
    private static readonly string[] Parts = ["", "", "/log", "/vote", "/members", "/snapshots"];

    private static readonly (int Weight, string Name, Func<Random, int, Plan> Make)[] Families =
    [
        (6, "mixed", Mixed),
        (3, "power", Power),
        (4, "members", Members),
        (2, "two changes, one member behind", TwoChangesOneBehind),
        (2, "a replacement, one member behind", ReplacementOneBehind),
        (3, "a sick minority", SickMinority),
        (2, "elections", Elections),
        (1, "five, two far behind", TwoOfFiveFarBehind),
        (1, "a vote before a power cut", VoteBeforePowerCut),
    ];

    /// <summary>Names of the families.</summary>
    public static IReadOnlyList<string> Names => [.. Families.Select(family => family.Name)];

    /// <summary>The plan of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="only">Only of these families, if some are given.</param>
    public static Plan Make(int seed, params IReadOnlyList<string> only)
    {
        if (only.Except(Names, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new ArgumentException(
                $"There is no family '{unknown}'. There are: {string.Join("; ", Names)}.",
                nameof(only)
            );
        }

        var chance = new Random(seed);
        var families = Families
            .Where(family => only.Count == 0 || only.Contains(family.Name, StringComparer.Ordinal))
            .ToArray();
        var drawn = chance.Next(families.Sum(one => one.Weight));
        var at = 0;
        while ((drawn -= families[at].Weight) >= 0)
        {
            at++;
        }

        var plan = families[at].Make(chance, seed);
        return plan with { Family = families[at].Name, Steps = [.. plan.Steps.OrderBy(step => step.AtMs)] };
    }

    private static Plan New(int seed, int initialMembers, IEnumerable<Step> steps, int lengthMs) =>
        new(seed, "", initialMembers, [.. steps], lengthMs);

    private static int InitialMembers(Random chance) => chance.Next(3) == 0 ? 5 : 3;

    private static int Anybody(Random chance, int initialMembers) =>
        chance.Next(5) switch
        {
            0 or 1 => Step.Leader,
            2 => Step.Follower,
            _ => chance.Next(initialMembers),
        };

    private static Step Draw(Random chance, StepKind[] kinds, int initialMembers, int fromMs, int toMs, int longestMs)
    {
        var kind = kinds[chance.Next(kinds.Length)];
        var part = kind is StepKind.HangDisk or StepKind.SlowDisk or StepKind.FailDisk or StepKind.FullDisk
            ? Parts[chance.Next(Parts.Length)]
            : "";
        return new Step(
            kind,
            chance.Next(fromMs, toMs),
            Anybody(chance, initialMembers),
            chance.Next(20, longestMs),
            chance.Next(1 << initialMembers),
            part
        );
    }

    private static Plan Mixed(Random chance, int seed)
    {
        var initialMembers = InitialMembers(chance);
        var kinds = Enum.GetValues<StepKind>()
            .Where(kind => kind is not (StepKind.SplitBehind or StepKind.AwaitChanges))
            .ToArray();
        return New(
            seed,
            initialMembers,
            Enumerable
                .Range(0, chance.Next(4, 12))
                .Select(_ => Draw(chance, kinds, initialMembers, FirstStepMs, 2_600, 1_200)),
            3_000
        );
    }

    private static Plan Power(Random chance, int seed)
    {
        var initialMembers = InitialMembers(chance);
        StepKind[] kinds =
        [
            StepKind.PowerCut,
            StepKind.PowerCut,
            StepKind.Kill,
            StepKind.SlowDisk,
            StepKind.HangDisk,
            StepKind.Resign,
        ];
        var steps = Enumerable
            .Range(0, chance.Next(2, 6))
            .Select(_ => Draw(chance, kinds, initialMembers, FirstStepMs, 2_200, 500))
            .ToList();

        // A disk that takes its time leaves a moment in which something is acknowledged that is not flushed, if that
        // can be.
        steps.AddRange(
            Enumerable
                .Range(0, initialMembers)
                .Where(_ => chance.Next(2) == 0)
                .Select(machine => new Step(
                    StepKind.SlowDisk,
                    FirstStepMs - 50,
                    machine,
                    2_500,
                    chance.Next(32),
                    Parts[chance.Next(Parts.Length)]
                ))
        );
        steps.AddRange(
            Enumerable
                .Range(0, chance.Next(1, 3))
                .Select(_ => new Step(StepKind.PowerCutOfAll, chance.Next(600, 2_400), ForMs: chance.Next(300)))
        );
        return New(seed, initialMembers, steps, 2_800);
    }

    private static Plan Members(Random chance, int seed)
    {
        var initialMembers = InitialMembers(chance);
        StepKind[] changes = [StepKind.AddMember, StepKind.AddMember, StepKind.RemoveMember];
        StepKind[] faults =
        [
            StepKind.PowerCut,
            StepKind.Kill,
            StepKind.Isolate,
            StepKind.Mute,
            StepKind.Deafen,
            StepKind.Split,
            StepKind.Delay,
            StepKind.HangDisk,
            StepKind.SlowDisk,
            StepKind.Resign,
            StepKind.PowerCutOfAll,
        ];
        return New(
            seed,
            initialMembers,
            Enumerable
                .Range(0, chance.Next(2, 6))
                .Select(_ => Draw(chance, changes, initialMembers, FirstStepMs, 2_600, 1_000))
                .Concat(
                    Enumerable
                        .Range(0, chance.Next(2, 6))
                        .Select(_ => Draw(chance, faults, initialMembers, FirstStepMs, 2_600, 1_000))
                ),
            3_400
        );
    }

    /// <summary>
    /// Three become five while one of them does not get to write the list of members; then it is killed, and is cut off
    /// together with another of the three. Whoever counts votes by the members that it had applied finds a majority in
    /// these two, while the other three are one.
    /// </summary>
    private static Plan TwoChangesOneBehind(Random chance, int seed)
    {
        var at = 400 + chance.Next(300);
        Step[] steps =
        [
            new(StepKind.HangDisk, at, Step.Follower, 2_000, 0, "/members"),
            new(StepKind.AddMember, at + 20),
            new(StepKind.AddMember, at + 21),
            new(StepKind.AwaitChanges, at + 40),
            new(StepKind.SplitBehind, at + 50 + chance.Next(100), Step.Follower, 1_600),
        ];
        return New(seed, 3, steps, 3_200);
    }

    /// <summary>The same with one member replaced, which then comes back.</summary>
    private static Plan ReplacementOneBehind(Random chance, int seed)
    {
        var at = 400 + chance.Next(300);
        var first = chance.Next(2) == 0;
        Step[] steps =
        [
            new(StepKind.HangDisk, at, Step.Follower, 2_000, 0, "/members"),
            new(StepKind.Kill, at + 10, Step.OtherFollower, 500 + chance.Next(300)),
            new(first ? StepKind.RemoveMember : StepKind.AddMember, at + 20, Step.OtherFollower),
            new(first ? StepKind.AddMember : StepKind.RemoveMember, at + 21, Step.OtherFollower),
            new(StepKind.AwaitChanges, at + 40),
            new(StepKind.SplitBehind, at + 50 + chance.Next(100), Step.Follower, 1_600),
        ];
        return New(seed, 3, steps, 3_200);
    }

    /// <summary>
    /// One machine of three, or two of five, suffer all the time, in turns and in ways that do not end.
    /// </summary>
    private static Plan SickMinority(Random chance, int seed)
    {
        var initialMembers = InitialMembers(chance);
        StepKind[] kinds =
        [
            StepKind.HangDisk,
            StepKind.HangDisk,
            StepKind.Mute,
            StepKind.Deafen,
            StepKind.SwallowConnects,
            StepKind.Isolate,
            StepKind.PowerCut,
            StepKind.Kill,
            StepKind.Stop,
            StepKind.FailDisk,
            StepKind.FullDisk,
            StepKind.DropConnections,
        ];
        var sick = Enumerable
            .Range(0, initialMembers / 2)
            .Select(_ => chance.Next(initialMembers))
            .Distinct()
            .ToArray();
        var steps = sick.Select(
            (machine, number) =>
                Draw(chance, kinds, initialMembers, FirstStepMs, 900, 2_000) with
                {
                    Machine = number == 0 && chance.Next(2) == 0 ? Step.Leader : machine,
                    ForMs = 4_300,
                }
        );
        return New(seed, initialMembers, steps, 4_500);
    }

    /// <summary>One election after the other, some of them while voters lose their power.</summary>
    private static Plan Elections(Random chance, int seed)
    {
        var initialMembers = InitialMembers(chance);
        StepKind[] kinds =
        [
            StepKind.Resign,
            StepKind.PowerCut,
            StepKind.Kill,
            StepKind.Stop,
            StepKind.Isolate,
            StepKind.Mute,
            StepKind.DropConnections,
        ];
        var steps = new List<Step>();
        for (var at = FirstStepMs; at < 2_700; at += chance.Next(60, 450))
        {
            var drawn = Draw(chance, kinds, initialMembers, at, at + 1, 350);
            steps.Add(
                drawn.Kind is StepKind.Resign
                    ? drawn
                    : drawn with
                    {
                        Machine = chance.Next(3) == 0 ? Step.Leader : chance.Next(initialMembers),
                    }
            );
        }

        return New(seed, initialMembers, steps, 3_000);
    }

    /// <summary>
    /// Two of five miss a lot. Just when they are back and take it in pieces, slowly, the leader does not reach one of
    /// the other two; then it is killed, and the other one is cut off. What was committed in between, one of the three
    /// that are left must have.
    /// </summary>
    private static Plan TwoOfFiveFarBehind(Random chance, int seed)
    {
        var at = 1_200 + chance.Next(400);

        // The two are connected to again within some 150 ms, and take three or four rounds.
        var killedAt = at + 100 + chance.Next(280);
        return New(
            seed,
            5,
            [
                new(StepKind.Isolate, FirstStepMs, 3, at - FirstStepMs),
                new(StepKind.Isolate, FirstStepMs, 4, at - FirstStepMs),
                new(StepKind.CutPair, at - 2, 0, 900, Others: 0b100),
                new(StepKind.Delay, at - 1, 3, 900, Others: 50),
                new(StepKind.Delay, at - 1, 4, 900, Others: 50),
                new(StepKind.Kill, killedAt, 0, 1_200),
                new(StepKind.Isolate, killedAt, 1, 1_200),
            ],
            at + 1_500
        );
    }

    /// <summary>
    /// A member votes, and loses its power before it has anything of the one that it voted for, which is cut off; the
    /// leader before, which knows nothing of that term, comes back and asks for a vote in it.
    /// </summary>
    private static Plan VoteBeforePowerCut(Random chance, int seed)
    {
        var at = 500 + chance.Next(200);
        var elected = at + 230 + chance.Next(150);
        return New(
            seed,
            3,
            [
                new(StepKind.HangDisk, at - 5, 2, elected - at + 100, 0, "/log"),
                new(StepKind.Kill, at, 0, elected - at + 20),
                new(StepKind.Isolate, elected, 1, 1_500),
                new(StepKind.PowerCut, elected + 1, 2, 20),
            ],
            elected + 1_800
        );
    }
}
