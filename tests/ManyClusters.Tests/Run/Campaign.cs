// Plays schedule after schedule, some at once, until the time is up, and counts.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RaftLocks.ManyClusters.Plans;
using RaftLocks.ManyClusters.World;

namespace RaftLocks.ManyClusters.Run;

/// <summary>What to play.</summary>
/// <param name="Time">For how long schedules are begun.</param>
/// <param name="Seed">The first one's seed; the others' follow.</param>
/// <param name="Parallel">How many clusters live at once.</param>
/// <param name="StopsAtFirst">Whether the first violation ends it.</param>
internal sealed record CampaignOptions(TimeSpan Time, int Seed, int Parallel, bool StopsAtFirst = false)
{
    /// <summary>Only schedules of these families, if some are given.</summary>
    public IReadOnlyList<string> Families { get; init; } = [];

    /// <summary>Plays this plan again and again, in place of drawn ones.</summary>
    public Plan? Only { get; init; }

    /// <summary>Schedules at most.</summary>
    public int AtMost { get; init; } = int.MaxValue;
}

/// <summary>A run of many schedules.</summary>
internal sealed class Campaign(CampaignOptions options, Action<string> say)
{
    private const int WorkerThreads = 256;

    private readonly ConcurrentQueue<Outcome> failed = new();
    private readonly ConcurrentDictionary<string, int> families = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<StepKind, int> steps = new();
    private readonly ConcurrentBag<long> worst = [];
    private int begun;
    private int played;
    private long committed;

    /// <summary>Schedules that were played.</summary>
    public int Played => played;

    /// <summary>Those in which something was wrong.</summary>
    public IReadOnlyCollection<Outcome> Failed => failed;

    /// <summary>Plays; true if nothing was wrong.</summary>
    public async Task<bool> RunAsync()
    {
        // A disk that hangs holds the threads that write to it, as it does in a node; here there are many nodes in one
        // process.
        ThreadPool.SetMinThreads(WorkerThreads, WorkerThreads);
        var began = Stopwatch.GetTimestamp();
        var stalledBefore = StallMeter.StalledMs;
        using var ended = new CancellationTokenSource();
        var reporting = ReportAsync(began, ended.Token);
        await Task.WhenAll(Enumerable.Range(0, options.Parallel).Select(_ => Task.Run(() => PlayAsync(began))));
        await ended.CancelAsync();
        await reporting;
        Summarize(Stopwatch.GetElapsedTime(began), StallMeter.StalledMs - stalledBefore);
        return failed.IsEmpty && played > 0;
    }

    /// <summary>A violation, with all that helps to understand it.</summary>
    public static string Describe(Outcome outcome) =>
        string.Join(
            '\n',
            [
                .. outcome.Violations.Select(violation => $"VIOLATION {violation.Promise}: {violation.Evidence}"),
                $"family {outcome.Plan.Family}, seed {outcome.Plan.Seed}; the plan: {outcome.Plan}",
                .. outcome.Events,
            ]
        );

    private async Task PlayAsync(long began)
    {
        while (Stopwatch.GetElapsedTime(began) < options.Time && !(options.StopsAtFirst && !failed.IsEmpty))
        {
            var number = Interlocked.Increment(ref begun) - 1;
            if (number >= options.AtMost)
            {
                return;
            }

            var plan = options.Only is { } only
                ? only with
                {
                    Seed = only.Seed + number,
                }
                : PlanMaker.Make(options.Seed + number, options.Families);
            var outcome = await Schedule.PlayAsync(plan);
            Interlocked.Increment(ref played);
            Interlocked.Add(ref committed, outcome.Committed);
            worst.Add(outcome.WorstWithoutCommitMs);
            families.AddOrUpdate(plan.Family, 1, (_, count) => count + 1);
            foreach (var step in plan.Steps)
            {
                steps.AddOrUpdate(step.Kind, 1, (_, count) => count + 1);
            }

            if (outcome.Violations.Count > 0)
            {
                failed.Enqueue(outcome);
                say(Describe(outcome));
            }
        }
    }

    private async Task ReportAsync(long began, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(15), token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Stopwatch.GetElapsedTime(began).TotalSeconds,6:F0} s: {played} schedules, {committed} "
                        + $"commands, {failed.Count} schedules with violations, {StallMeter.StalledMs} ms stalled"
                )
            );
        }
    }

    private void Summarize(TimeSpan took, long stalledMs)
    {
        long[] sorted = [.. worst.Order()];
        say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{played} schedules in {took.TotalSeconds:F0} s ({played / took.TotalHours:F0} an hour), "
                    + $"{committed} commands acknowledged, {stalledMs} ms stalled"
            )
        );
        say(
            "families: "
                + string.Join(
                    ", ",
                    families.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key} {one.Value}")
                )
        );
        say("steps: " + string.Join(", ", steps.OrderBy(one => one.Key).Select(one => $"{one.Key} {one.Value}")));
        if (sorted.Length > 0)
        {
            say(
                $"longest time without a commit while a majority was healthy: p50 {sorted[sorted.Length / 2]} ms, "
                    + $"p99 {sorted[sorted.Length * 99 / 100]} ms, max {sorted[^1]} ms"
            );
        }

        var kinds = failed
            .SelectMany(outcome => outcome.Violations.Select(violation => violation.Promise))
            .CountBy(promise => promise);
        say(
            failed.IsEmpty
                ? "no violation"
                : "violations: " + string.Join(", ", kinds.Select(kind => $"{kind.Key} {kind.Value}"))
        );
    }
}
