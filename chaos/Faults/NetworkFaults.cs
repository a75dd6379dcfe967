// Shapes of trouble between nodes, in terms of directed links.
using RaftLocks.Chaos.Network;

namespace RaftLocks.Chaos.Faults;

/// <summary>Cuts and worsens links.</summary>
internal sealed class NetworkFaults(INetwork network, int nodes) : IInjector
{
    // Well below the election timeout: the cluster has to go on. With the round trip it is a slow transatlantic line.
    private const int DelayMs = 80;
    private const int LossPercent = 10;

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => network.Kinds;

    /// <inheritdoc/>
    public Task InjectAsync(FaultKind kind, IReadOnlyList<int> targets) =>
        network.SetAsync(
            LinksOf(kind, targets, nodes),
            kind switch
            {
                FaultKind.Break => new LinkState(IsBroken: true),
                FaultKind.Mute => new LinkState(HoldsAnswers: true),
                FaultKind.Swallow => new LinkState(Swallows: true),
                FaultKind.Delay => new LinkState(DelayMs: DelayMs),
                FaultKind.Loss => new LinkState(LossPercent: LossPercent),
                _ => new LinkState(IsHeld: true),
            }
        );

    /// <inheritdoc/>
    public async Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> targets)
    {
        await network.SetAsync(LinksOf(kind, targets, nodes), default);
        return null;
    }

    /// <summary>The links that a kind of trouble with some nodes is about.</summary>
    internal static IEnumerable<(int From, int To)> LinksOf(FaultKind kind, IReadOnlyList<int> targets, int nodes)
    {
        // All of them cut off from nobody would be no fault at all: then each is alone.
        var alone = targets.Count == nodes;
        bool Apart(int from, int to) => alone || targets.Contains(from) != targets.Contains(to);
        return AllLinks(nodes)
            .Where(link =>
                kind switch
                {
                    FaultKind.Deaf => targets.Contains(link.To) && Apart(link.From, link.To),
                    FaultKind.Swallow => targets.Contains(link.To),
                    FaultKind.Silent or FaultKind.Mute => targets.Contains(link.From) && Apart(link.From, link.To),
                    FaultKind.Bridge => targets.Contains(link.From) && targets.Contains(link.To),
                    FaultKind.Delay or FaultKind.Loss => targets.Contains(link.From) || targets.Contains(link.To),
                    _ => Apart(link.From, link.To),
                }
            );
    }

    private static IEnumerable<(int From, int To)> AllLinks(int nodes) =>
        from a in Enumerable.Range(0, nodes)
        from b in Enumerable.Range(0, nodes)
        where a != b
        select (a, b);
}
