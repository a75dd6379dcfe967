// Random histories of a server that keeps the rule are explained; those of a server with a planted bug are not, where
// it shows.
using FsCheck;
using FsCheck.Xunit;
using RaftLocks.Chaos.Checkers.Linearizability;
using Outcome = RaftLocks.Chaos.Checkers.Linearizability.Outcome;

namespace RaftLocks.Chaos.Tests.Linearizability;

public class RandomHistoryTests
{
    private const int Seeds = 60;
    private const int PlainSeeds = 1_500;
    private const int MaxPlain = 40;

    [Property(MaxTest = 300)]
    public void Every_history_of_a_server_that_keeps_the_rule_is_explained(int seed, PositiveInt clients) =>
        Assert.Equal(
            "",
            Judge(
                SimulatedRun.Play(seed, clients: 1 + (clients.Get % 8), breaks: (seed & 3) * 0.05, ms: 1_500),
                isTold: true
            ).Evidence
        );

    // Nobody tells which of those that were never answered got which id. There may be more possibilities than can be
    // tried, but no conviction.
    [Property(MaxTest = 100)]
    public void No_history_of_a_server_that_keeps_the_rule_is_convicted(int seed, PositiveInt clients) =>
        Assert.NotEqual(
            Outcome.Violated,
            Judge(
                SimulatedRun.Play(seed, clients: 1 + (clients.Get % 8), breaks: (seed & 3) * 0.05, ms: 1_000),
                isTold: false,
                states: 10_000
            ).Outcome
        );

    // The short cuts of the search leave nothing out and let nothing in.
    [Fact]
    public void The_search_agrees_with_the_definition()
    {
        var (compared, violated) = (0, 0);
        for (var seed = 0; seed < PlainSeeds; seed++)
        {
            var run = SimulatedRun.Play(
                seed,
                (Bug)(seed % Enum.GetValues<Bug>().Length),
                clients: 4,
                breaks: 0.15,
                ms: 100
            );
            var isTold = seed % 2 == 0;
            var history = NamespaceHistory.Of(run.Attempts, run.Readings, run.Revocations, isTold ? run.Told : null);
            if (history is [{ } one] && new PlainSearch(one.Operations) is { Count: <= MaxPlain } plain)
            {
                var expected = plain.IsExplained() ? Outcome.Explained : Outcome.Violated;
                Assert.True(expected == Judge(run, isTold).Outcome, $"seed {seed}: {expected} by the definition");
                compared++;
                violated += expected == Outcome.Violated ? 1 : 0;
            }
        }

        Assert.True(
            compared > PlainSeeds / 2 && violated > PlainSeeds / 20,
            $"{compared} of {PlainSeeds} were compared, {violated} of them violated"
        );
    }

    [Theory]
    [InlineData(Bug.IgnoresTheQueue)]
    [InlineData(Bug.SkipsWaiters)]
    [InlineData(Bug.ReusesIds)]
    [InlineData(Bug.ForgetsReleases)]
    [InlineData(Bug.LosesGrants)]
    [InlineData(Bug.RefusesTries)]
    [InlineData(Bug.DowngradesTooFar)]
    [InlineData(Bug.StaleFence)]
    [InlineData(Bug.StaleLocks)]
    [InlineData(Bug.StaleExplain)]
    public void A_server_with_a_bug_is_convicted(Bug bug)
    {
        var outcomes = Enumerable
            .Range(1, Seeds)
            .Select(seed => Judge(SimulatedRun.Play(seed, bug), isTold: true).Outcome)
            .ToArray();
        var convicted = outcomes.Count(outcome => outcome == Outcome.Violated);
        Assert.True(
            convicted > Seeds / 4,
            $"{bug}: {convicted} of {Seeds} convicted, {outcomes.Count(outcome => outcome == Outcome.Unknown)} unknown"
        );
    }

    [Fact]
    public void Thousands_of_operations_take_no_more_than_seconds()
    {
        var run = SimulatedRun.Play(7, clients: 8, breaks: 0.02, ms: 60_000);
        var result = Judge(run, isTold: true);
        Assert.Equal(Outcome.Explained, result.Outcome);
        Assert.True(result.Operations > 10_000, $"only {result.Operations} operations");

        // Time depends on the machine; the number of states that are tried does not.
        Assert.True(result.States < 3 * result.Operations, result.ToString());
    }

    private static CheckedHistory Judge(SimulatedRun run, bool isTold, int states = 1_000_000) =>
        Assert.Single(
            LinearizabilityCheck.Check(
                NamespaceHistory.Of(run.Attempts, run.Readings, run.Revocations, isTold ? run.Told : null),
                new SearchBudget(states, TimeSpan.FromMinutes(1))
            )
        );
}
