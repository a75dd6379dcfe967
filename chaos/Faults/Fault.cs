// What is done, to whom, and for how long; and what is done at the same time.
namespace RaftLocks.Chaos.Faults;

/// <summary>One blow.</summary>
/// <param name="AfterMs">Since its round began.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Nodes">To which nodes, by number. The leader of that moment is -1.</param>
/// <param name="ForMs">How long until it is undone.</param>
internal sealed record Fault(double AfterMs, FaultKind Kind, IReadOnlyList<int> Nodes, double ForMs)
{
    /// <summary>Whoever leads when the blow falls.</summary>
    public const int Leader = -1;

    /// <summary>When it is over, since its round began.</summary>
    public double OverAfterMs => AfterMs + ForMs;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{Kind} {string.Join(", ", Nodes.Select(node => node == Leader ? "leader" : $"n{node + 1}"))} after {AfterMs / 1000:F1} s for {ForMs / 1000:F1} s");
}

/// <summary>Blows that may overlap each other.</summary>
/// <param name="AtMs">Since the run began; later if the round before took longer than planned.</param>
/// <param name="Faults">One or two.</param>
internal sealed record Round(double AtMs, IReadOnlyList<Fault> Faults);
