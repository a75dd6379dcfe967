// How nodes that are processes reach each other: through proxies, or each in a network namespace of its own.
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Network;

/// <summary>Wires between the nodes of one cluster.</summary>
internal interface IWiring : IAsyncDisposable
{
    /// <summary>The network whose links can be impaired.</summary>
    INetwork Network { get; }

    /// <summary>
    /// Lays the wires; says how each node is started. Who called whom may have to be known by the numbers of processes.
    /// </summary>
    IReadOnlyList<NodePlan> Lay(Func<IReadOnlyDictionary<int, int>> nodeOfProcess);

    /// <summary>What stands before the command that starts a node.</summary>
    IReadOnlyList<string> Launcher(string node);
}
