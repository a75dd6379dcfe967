// A network in user space: in front of each node's Raft port and internal HTTP address stands a proxy, and those are
// the addresses that the members know of each other. So it needs no root, and every directed link can be impaired by
// itself.
using System.Net;
using System.Net.Sockets;
using RaftLocks.Chaos.Faults;

namespace RaftLocks.Chaos.Network;

/// <summary>All links between some nodes.</summary>
internal sealed class ProxyNetwork : INetwork, IDisposable
{
    private readonly Link[,] links;
    private readonly Func<IReadOnlyDictionary<int, int>> nodeOfProcess;
    private readonly List<(int Node, Way Way)> ways = [];

    /// <summary>
    /// Links between so many nodes, known by number; who calls is known by the number of its process.
    /// </summary>
    public ProxyNetwork(int nodes, Func<IReadOnlyDictionary<int, int>> nodeOfProcess)
    {
        this.nodeOfProcess = nodeOfProcess;
        links = new Link[nodes, nodes];
        for (var i = 0; i < nodes * nodes; i++)
        {
            links[i / nodes, i % nodes] = new Link();
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfNetworks;

    /// <summary>Opens a way to an address of a node; returns the port of the proxy.</summary>
    public int OpenWayTo(int node, int port)
    {
        var way = new Way(caller => PassOnAsync(caller, node, new IPEndPoint(IPAddress.Loopback, port)));
        ways.Add((node, way));
        return way.Port;
    }

    /// <inheritdoc/>
    public Task SetAsync(IEnumerable<(int From, int To)> links, LinkState state)
    {
        var changed = new HashSet<int>();
        foreach (var (from, to) in links)
        {
            this.links[from, to].Set(state);
            changed.Add(to);
        }

        // Who calls is only known of those that were accepted: a node swallows the connections of all others, or of
        // none.
        return Task.WhenAll(
            ways.Where(way => changed.Contains(way.Node)).Select(way => way.Way.SetAsync(SwallowsAll(way.Node)))
        );
    }

    /// <inheritdoc/>
    public void Dispose() => ways.ForEach(way => way.Way.Dispose());

    private bool SwallowsAll(int node) =>
        links.GetLength(0) > 1
        && Enumerable.Range(0, links.GetLength(0)).All(from => from == node || links[from, node].State.Swallows);

    private async Task PassOnAsync(Socket caller, int node, IPEndPoint address)
    {
        using (caller)
        {
            if (Caller(caller) is { } from)
            {
                caller.NoDelay = true;
                using var connection = new ProxiedConnection(caller, address, links[from, node], links[node, from]);
                await connection.RunAsync();
            }
        }
    }

    /// <summary>Which node calls; null if it has ended since.</summary>
    private int? Caller(Socket caller)
    {
        try
        {
            var nodes = nodeOfProcess();
            var process = SocketOwners.Find(
                (IPEndPoint)caller.RemoteEndPoint!,
                (IPEndPoint)caller.LocalEndPoint!,
                nodes.Keys
            );
            return process is { } known ? nodes[known] : null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null;
        }
    }
}
