// Workers in several processes add one to a number under a lock: the number is what they added together, no exception
// reaches them, and nobody waits for long once the faults are over.
using System.Globalization;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Checks what counting clients recorded.</summary>
internal static class CountCheck
{
    /// <summary>How long a wait may be beyond the faults that it meets, ms.</summary>
    public const double WaitBoundMs = 5_000;

    /// <summary>Returns all violations.</summary>
    /// <param name="reports">One for each process.</param>
    /// <param name="number">What the file says in the end.</param>
    /// <param name="impairments">The faults.</param>
    public static IEnumerable<Violation> Check(
        IReadOnlyList<CountReport> reports,
        long number,
        IReadOnlyList<Impairment> impairments
    )
    {
        var added = reports.Sum(report => report.Increments);
        if (added != number)
        {
            yield return new Violation(
                "nothing that was written under a lock is lost",
                Text($"{added} times one was added, and the number is {number}")
            );
        }

        if (added == 0)
        {
            yield return new Violation("locks are granted", "no counting client ever held its lock");
        }

        foreach (var exception in reports.SelectMany(report => report.Exceptions))
        {
            yield return new Violation("no exception reaches the program", exception);
        }

        foreach (var wait in reports.SelectMany(report => report.LongWaits))
        {
            if (BeyondFaultsMs(wait, impairments) is var beyond and > WaitBoundMs)
            {
                yield return new Violation(
                    "nobody waits for long once the faults are over",
                    Text($"a wait from {wait.FromMs:F0} to {wait.ToMs:F0} ms, {beyond:F0} ms of it without a fault")
                );
            }
        }
    }

    /// <summary>How much of a wait lies outside of all faults, ms.</summary>
    internal static double BeyondFaultsMs(LongWait wait, IEnumerable<Impairment> impairments)
    {
        var (beyond, at) = (0.0, wait.FromMs);
        foreach (var fault in impairments.OrderBy(fault => fault.FromMs))
        {
            var (from, to) = (Math.Clamp(fault.FromMs, at, wait.ToMs), Math.Clamp(fault.ToMs, at, wait.ToMs));
            beyond += from - at;
            at = Math.Max(at, to);
            if (from >= wait.ToMs)
            {
                break;
            }
        }

        return beyond + Math.Max(0, wait.ToMs - at);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
