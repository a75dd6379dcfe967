// The node's sessions, timers, proposer, lease and state machine, recorded thousands of bad days.
using RaftLocks.Simulation.World;
using RaftLocks.Testing;

namespace RaftLocks.Simulation;

/// <summary>All promises hold in every plan.</summary>
public class SimulationTests
{
    [SeededProperty("20261,1975", Arbitrary = [typeof(Plans)], MaxTest = 2000)]
    public void Nothing_that_happens_breaks_a_promise(Plan plan) => Simulations.Check(plan);

    [SeededProperty("11,211", Arbitrary = [typeof(Plans)], MaxTest = 50)]
    public void A_plan_always_plays_out_the_same(Plan plan)
    {
        var (first, second) = (new Testbed(plan), new Testbed(plan));
        _ = (first.Play(), second.Play());
        Assert.Equal(first.Clock.Now, second.Clock.Now);
        Assert.Equal(
            first.History.Select(request => request.ToString()),
            second.History.Select(request => request.ToString())
        );
    }
}
