// What is wrong with one direction between two nodes, and who can make it so: proxies on one machine, packet filters
// between namespaces.
using RaftLocks.Chaos.Faults;

namespace RaftLocks.Chaos.Network;

/// <summary>How bytes fare on their way from one node to another. The default: well.</summary>
/// <param name="IsHeld">They don't arrive, as if every packet were dropped; when the link is whole again, what was kept
/// comes after all.</param>
/// <param name="HoldsAnswers">The same, but only for answers: the sender accepts connections and never says a word on
/// them.</param>
/// <param name="Swallows">Whether the callee accepts no connection and requests on other connections do not arrive.
/// When the link is whole again, they arrive after all.</param>
/// <param name="IsBroken">Connections are reset, and new ones too.</param>
/// <param name="DelayMs">How much longer the bytes take.</param>
/// <param name="LossPercent">So many packets are lost; TCP sends them again, so that they and all behind them come
/// late.</param>
internal readonly record struct LinkState(
    bool IsHeld = false,
    bool HoldsAnswers = false,
    bool Swallows = false,
    bool IsBroken = false,
    int DelayMs = 0,
    int LossPercent = 0
);

/// <summary>A network with directed links between nodes that can be impaired. Nodes are known by number.</summary>
internal interface INetwork
{
    /// <summary>The kinds of trouble that it can make.</summary>
    IReadOnlyCollection<FaultKind> Kinds { get; }

    /// <summary>Changes some directions.</summary>
    Task SetAsync(IEnumerable<(int From, int To)> links, LinkState state);
}
