// What is done to the cluster and when: made from the seed and the kinds asked for, before anything runs, so that the
// same seed plays the same faults again.
namespace RaftLocks.Chaos.Faults;

/// <summary>Makes schedules.</summary>
internal static class Schedule
{
    private const double FirstMs = 3_000;

    // Only runs that last so long have faults that take a minute and more, one of so many.
    private const double LongRunMs = 150_000;
    private const int LongEach = 10;

    /// <summary>Rounds of faults for the whole run, none of them over after its end.</summary>
    public static IReadOnlyList<Round> Make(int seed, int nodes, double runMs, IReadOnlyCollection<FaultKind> kinds)
    {
        var random = new Random(seed);
        var bag = new Queue<FaultKind>();
        var rounds = new List<Round>();
        for (var at = FirstMs; kinds.Count > 0;)
        {
            var round = new Round(
                at,
                Faults(random, nodes, runMs >= LongRunMs, () => Next(random, bag, kinds), bag.Enqueue)
            );
            var over = at + round.Faults.Max(fault => fault.OverAfterMs);
            if (over >= runMs)
            {
                break;
            }

            rounds.Add(round);
            at = over + (random.Next(4) == 0 ? random.Next(50, 1_000) : random.Next(1_000, 5_000));
        }

        return rounds;
    }

    private static List<Fault> Faults(
        Random random,
        int nodes,
        bool hasLong,
        Func<FaultKind> next,
        Action<FaultKind> later
    )
    {
        var first = One(random, nodes, next(), afterMs: 0, hasLong);
        var faults = new List<Fault> { first };
        if (random.Next(3) == 0 && !first.Kind.WantsToBeAlone())
        {
            var kind = next();
            if (kind.WantsToBeAlone() || OfOneGroup(kind, first.Kind))
            {
                later(kind);
            }
            else
            {
                faults.Add(One(random, nodes, kind, random.Next((int)first.ForMs), hasLong: false));
            }
        }

        return faults;
    }

    private static Fault One(Random random, int nodes, FaultKind kind, double afterMs, bool hasLong) =>
        new(afterMs, kind, Targets(random, nodes, kind), ForMs(random, kind, hasLong));

    // A disk hangs for longer than a node puts up with.
    private static int ForMs(Random random, FaultKind kind, bool hasLong) =>
        hasLong && random.Next(LongEach) == 0 ? random.Next(60_000, 70_000)
        : kind == FaultKind.DiskHang ? random.Next(12_000, 18_000)
        : random.Next(3) == 0 ? random.Next(3_000, 9_000)
        : random.Next(200, 3_000);

    // Every kind has its turn before the first has its second.
    private static FaultKind Next(Random random, Queue<FaultKind> bag, IReadOnlyCollection<FaultKind> kinds)
    {
        if (bag.Count == 0)
        {
            var shuffled = kinds.Order().ToArray();
            random.Shuffle(shuffled);
            Array.ForEach(shuffled, bag.Enqueue);
        }

        return bag.Dequeue();
    }

    private static int[] Targets(Random random, int nodes, FaultKind kind)
    {
        var shape = random.Next(8);
        var one = random.Next(nodes);
        return kind == FaultKind.Bridge ? Some(random, nodes, 2, 2)
            : FaultKinds.OfMembers.Contains(kind) ? Some(random, nodes, 1, Math.Max(1, (nodes - 1) / 2))
            : shape < 4 ? [Fault.Leader]
            : shape < 6 || kind.WantsToBeAlone() ? [one]
            : shape == 6 ? Some(random, nodes, nodes, nodes)
            : Some(random, nodes, 2, nodes);
    }

    private static int[] Some(Random random, int nodes, int least, int most)
    {
        var all = Enumerable.Range(0, nodes).ToArray();
        random.Shuffle(all);
        return all[..random.Next(least, most + 1)];
    }

    private static bool OfOneGroup(FaultKind a, FaultKind b) =>
        FaultKinds.OfNetworks.Contains(a) == FaultKinds.OfNetworks.Contains(b);
}
