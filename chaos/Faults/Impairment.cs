// What a fault takes away, from when until when: nodes that can't be counted on, and links that don't carry.
namespace RaftLocks.Chaos.Faults;

/// <summary>A fault as far as it keeps nodes from working together.</summary>
/// <param name="Kind">The kind of fault.</param>
/// <param name="FromMs">The time when it began.</param>
/// <param name="Nodes">Nodes that are down, stand still, or can't rely on their disk; by number.</param>
/// <param name="Links">Directions in which nothing, or not all, gets through.</param>
internal sealed record Impairment(
    FaultKind Kind,
    double FromMs,
    IReadOnlyList<int> Nodes,
    IReadOnlyList<(int From, int To)> Links
)
{
    /// <summary>When it was over: undone, and nodes that were down served requests again. Infinity until
    /// then.</summary>
    public double ToMs { get; set; } = double.PositiveInfinity;

    private IEnumerable<string> Impaired =>
        Nodes.Count > 0 ? Nodes.Select(Name) : Links.Select(link => $"{Name(link.From)}->{Name(link.To)}");

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant(
            $"{Kind} {string.Join(", ", Impaired)} from {FromMs / 1000:F1} s to {ToMs / 1000:F1} s"
        );

    /// <summary>What a fault of a kind takes away.</summary>
    public static Impairment Of(FaultKind kind, double fromMs, IReadOnlyList<int> targets, int nodes) =>
        kind.ImpairsLinks() ? new Impairment(kind, fromMs, [], [.. NetworkFaults.LinksOf(kind, targets, nodes)])
        : kind.ImpairsNodes() ? new Impairment(kind, fromMs, targets, [])
        : new Impairment(kind, fromMs, [], []);

    private static string Name(int node) => FormattableString.Invariant($"n{node + 1}");
}
