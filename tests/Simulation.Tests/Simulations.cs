// Plays a plan and says what is wrong, in words that a test can show.
using RaftLocks.Simulation.World;

namespace RaftLocks.Simulation;

/// <summary>Runs plans.</summary>
public static class Simulations
{
    /// <summary>Fails with the violations.</summary>
    public static void Check(Plan plan)
    {
        var found = new Testbed(plan).Play();
        Assert.True(
            found.Count == 0,
            string.Join('\n', found.Select(violation => $"{violation.Promise}: {violation.Evidence}")) + "\n" + plan
        );
    }
}
