// A fault: its kind, its targets and how long it lasts; and the faults at the same time.
namespace RaftLocks.Chaos.Faults;

/// <summary>One fault.</summary>
/// <param name="AfterMs">Since its round began.</param>
/// <param name="Kind">The kind of fault.</param>
/// <param name="Nodes">The nodes that it hits, by number. The leader of that moment is -1.</param>
/// <param name="ForMs">How long until it is undone.</param>
internal sealed record Fault(double AfterMs, FaultKind Kind, IReadOnlyList<int> Nodes, double ForMs)
{
    /// <summary>The leader of the moment when the fault begins.</summary>
    public const int Leader = -1;

    /// <summary>When it is over, since its round began.</summary>
    public double OverAfterMs => AfterMs + ForMs;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Kind} {string.Join(", ", Nodes.Select(node => node == Leader ? "leader" : $"n{node + 1}"))} after "
                + $"{AfterMs / 1000:F1} s for {ForMs / 1000:F1} s"
        );
}

/// <summary>Faults that may overlap each other.</summary>
/// <param name="AtMs">Since the run began; later if the round before took longer than planned.</param>
/// <param name="Faults">The faults, one or two.</param>
internal sealed record Round(double AtMs, IReadOnlyList<Fault> Faults);
