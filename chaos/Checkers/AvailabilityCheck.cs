// Locks are acquired as long as a majority of the nodes is healthy and connected. The time without a grant, counted
// anew whenever a fault begins or ends (each may hit the leader of that moment), has a bound. Probes that lock what
// nobody else wants, through all nodes, tell when there was a grant.
using RaftLocks.Chaos.Faults;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Checks the time without grants.</summary>
/// <param name="Nodes">How many there are.</param>
/// <param name="BoundMs">How long there may be none while a majority is healthy.</param>
internal sealed record AvailabilityCheck(int Nodes, double BoundMs)
{
    /// <summary>A time in which no lock was acquired though a majority was healthy.</summary>
    /// <param name="FromMs">The last grant, or the last change of the faults.</param>
    /// <param name="ToMs">The time of the next one.</param>
    /// <param name="Healthy">The majority.</param>
    /// <param name="Faults">What went on meanwhile.</param>
    internal sealed record Silence(
        double FromMs,
        double ToMs,
        IReadOnlyList<int> Healthy,
        IReadOnlyList<Impairment> Faults
    )
    {
        public double Ms => ToMs - FromMs;

        /// <inheritdoc/>
        public override string ToString() =>
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{Ms / 1000:F1} s, from {FromMs / 1000:F1} s to {ToMs / 1000:F1} s, while "
                    + $"{string.Join(", ", Healthy.Select(node => $"n{node + 1}"))} were healthy and connected; "
                    + $"faults: {(Faults.Count == 0 ? "none" : string.Join("; ", Faults))}"
            );
    }

    /// <summary>Returns the violations.</summary>
    public IEnumerable<Violation> Check(
        IReadOnlyCollection<double> grants,
        IReadOnlyCollection<Impairment> faults,
        IReadOnlyCollection<Stall> stalls,
        double fromMs,
        double toMs
    ) =>
        Silences(grants, faults, stalls, fromMs, toMs)
            .Where(silence => silence.Ms > BoundMs)
            .Select(silence => new Violation(
                "a healthy majority grants locks",
                $"no grant for {silence} (bound {BoundMs / 1000:F1} s)"
            ));

    /// <summary>Returns all times in which no lock was acquired while a majority was healthy, from the run's beginning
    /// to its end.</summary>
    /// <param name="grants">The times when a lock was acquired.</param>
    /// <param name="faults">The faults that were injected.</param>
    /// <param name="stalls">The times in which this machine did not even run this process: they do not count.</param>
    /// <param name="fromMs">The beginning of the time that is checked.</param>
    /// <param name="toMs">Its end.</param>
    public IEnumerable<Silence> Silences(
        IReadOnlyCollection<double> grants,
        IReadOnlyCollection<Impairment> faults,
        IReadOnlyCollection<Stall> stalls,
        double fromMs,
        double toMs
    )
    {
        var marks = grants
            .Concat(faults.SelectMany(fault => new[] { fault.FromMs, fault.ToMs }))
            .Concat(stalls.SelectMany(stall => new[] { stall.FromMs, stall.ToMs }))
            .Where(at => at > fromMs && at < toMs)
            .Append(fromMs)
            .Append(toMs)
            .Distinct()
            .Order()
            .ToArray();
        foreach (var (from, to) in marks.Zip(marks.Skip(1)))
        {
            var active = faults.Where(fault => fault.FromMs < to && fault.ToMs > from).ToArray();
            if (!stalls.Any(stall => stall.FromMs < to && stall.ToMs > from) && HealthyMajority(active) is { } healthy)
            {
                yield return new Silence(from, to, healthy, active);
            }
        }
    }

    /// <summary>Nodes that are a majority, none of them impaired, each connected with each; null if there are none
    /// such.</summary>
    private int[]? HealthyMajority(IReadOnlyCollection<Impairment> active)
    {
        var impaired = active.SelectMany(fault => fault.Nodes).ToHashSet();
        var cut = active.SelectMany(fault => fault.Links).ToHashSet();
        var well = Enumerable.Range(0, Nodes).Where(node => !impaired.Contains(node)).ToArray();
        for (var some = 1; some < 1 << well.Length; some++)
        {
            var picked = well.Where((_, i) => (some >> i & 1) == 1).ToArray();
            if (picked.Length > Nodes / 2 && !picked.Any(a => picked.Any(b => cut.Contains((a, b)))))
            {
                return picked;
            }
        }

        return null;
    }
}

/// <summary>A time in which this process was not scheduled, or its machine did not run.</summary>
internal sealed record Stall(double FromMs, double ToMs);
