// Every answer that clients were given, the reads included, is explained by the one rule as if all had happened one
// after the other, each between its question and its answer. Namespaces have nothing to do with each other, so each is
// checked by itself.
namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>What came of one namespace.</summary>
internal sealed record CheckedHistory(
    string Namespace,
    Outcome Outcome,
    int Operations,
    int States,
    double Ms,
    string Evidence
)
{
    private string Result =>
        Outcome == Outcome.Unknown ? "NOT CHECKED, too many possibilities" : Outcome.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Namespace}: {Operations} operations, {States} states in {Ms:F0} ms: {Result}");
}

/// <summary>Checks histories.</summary>
internal static class LinearizabilityCheck
{
    /// <summary>Checks each namespace.</summary>
    public static IReadOnlyList<CheckedHistory> Check(
        IEnumerable<NamespaceHistory> histories,
        SearchBudget? budget = null
    ) => [.. histories.Select(history => Check(history, budget ?? SearchBudget.Default))];

    /// <summary>The violations among what was checked.</summary>
    public static IEnumerable<Violation> Violations(IEnumerable<CheckedHistory> checkedHistories) =>
        from history in checkedHistories
        where history.Outcome == Outcome.Violated
        select new Violation("answers are linearizable", $"{history.Namespace}: {history.Evidence}");

    private static CheckedHistory Check(NamespaceHistory history, SearchBudget budget)
    {
        var startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        var search = new Search(history.Operations, budget);
        var outcome = search.Run();
        var ms = System.Diagnostics.Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds;
        return new CheckedHistory(
            history.Name,
            outcome,
            history.Operations.Count,
            search.Tried,
            ms,
            outcome == Outcome.Explained ? "" : search.Evidence
        );
    }
}
