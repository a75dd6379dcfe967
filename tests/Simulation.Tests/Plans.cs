// Makes plans at random, and smaller ones of one that failed.
using FsCheck;
using FsCheck.Fluent;

namespace RaftLocks.Simulation;

/// <summary>FsCheck's generator of plans.</summary>
public static class Plans
{
    private const int FaultsBeginMs = 800;
    private const int FaultsEndMs = 12_000;

    /// <summary>All plans.</summary>
    public static Arbitrary<Plan> Arbitrary() => Arb.From(All(), Shrink);

    private static Gen<Plan> All() =>
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from clients in Gen.Choose(2, 7).SelectMany(count => Clients().ArrayOf(count))
        from faults in Gen.Choose(0, 6).SelectMany(count => Faults().ArrayOf(count))
        from late in Gen.Elements(true, false)
        select new Plan(seed, clients, faults, late);

    private static Gen<ClientPlan> Clients() =>
        from timeoutMs in Gen.Elements(0, 50, 1_000, 4_000)
        from count in Gen.Choose(1, 8)
        from cycles in Cycles().ArrayOf(count)
        select new ClientPlan(timeoutMs, cycles);

    private static Gen<Cycle> Cycles() =>
        from pauseMs in Gen.Frequency((3, Gen.Choose(0, 5)), (2, Gen.Choose(5, 2_000)))
        from resource in Gen.Choose(0, 2)
        from write in Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false)))
        from holdMs in Gen.Frequency((3, Gen.Choose(0, 10)), (2, Gen.Choose(10, 1_500)))
        from ending in Gen.Frequency(
            (6, Gen.Constant(Ending.Release)),
            (4, Gen.Constant(Ending.ReleaseAhead)),
            (2, Gen.Constant(Ending.GiveUp)),
            (2, Gen.Constant(Ending.Vanish)),
            (2, Gen.Constant(Ending.VanishEarly)),
            (1, Gen.Constant(Ending.Close))
        )
        select new Cycle(pauseMs, resource, write, holdMs, ending);

    private static Gen<Fault> Faults() =>
        from kind in Gen.Elements(Enum.GetValues<FaultKind>())
        from atMs in Gen.Choose(FaultsBeginMs, FaultsEndMs)
        from node in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
        from forMs in Gen.Frequency((1, Gen.Choose(1, 200)), (2, Gen.Choose(200, 4_000)))
        from aimed in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new Fault(kind, atMs, node, forMs, aimed);

    private static IEnumerable<Plan> Shrink(Plan plan)
    {
        for (var i = 0; i < plan.Faults.Length; i++)
        {
            yield return plan with
            {
                Faults = Without(plan.Faults, i),
            };
        }

        for (var i = 0; i < plan.Clients.Length; i++)
        {
            yield return plan with
            {
                Clients = Without(plan.Clients, i),
            };
            for (var j = 0; j < plan.Clients[i].Cycles.Length; j++)
            {
                ClientPlan[] fewer = [.. plan.Clients];
                fewer[i] = fewer[i] with { Cycles = Without(fewer[i].Cycles, j) };
                yield return plan with
                {
                    Clients = fewer,
                };
            }
        }
    }

    private static T[] Without<T>(T[] all, int index) => [.. all[..index], .. all[(index + 1)..]];
}
